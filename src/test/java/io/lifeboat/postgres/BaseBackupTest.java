package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseBackupTest {
  @TempDir static Path folder;
  private static EmbeddedCluster cluster;

  @BeforeAll
  static void startServer() throws Exception {
    cluster = EmbeddedCluster.create(EmbeddedPrograms.unpacked(), folder.resolve("source"));
    cluster.start(Map.of());
  }

  @AfterAll
  static void stopServer() throws Exception {
    cluster.close();
  }

  @Test
  void everyFileThatArrivesIsAsTheManifestSays(@TempDir Path target) throws Exception {
    var consumer = new FolderConsumer(target);
    BaseBackupResult result =
        new BaseBackup(new PostgresServer(cluster.superuser()))
            .run("it's a test", consumer, Progress.none());

    BackupManifest manifest = BackupManifest.parse(result.manifest());
    manifest.verify(consumer.facts);
    assertThat(
            new FolderVerification(consumer.data(), Map.of()).problems(manifest, Progress.none()))
        .isEmpty();
    assertThat(Files.readString(consumer.data().resolve("backup_label"))).contains("it's a test");
    assertThat(result.stopLsn()).isGreaterThan(result.startLsn());
  }
}
