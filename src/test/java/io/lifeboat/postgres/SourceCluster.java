package io.lifeboat.postgres;

import io.lifeboat.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A real source for the tests of other packages, and base backups of it laid out as in a snapshot.
 */
public final class SourceCluster implements AutoCloseable {
  private final EmbeddedCluster cluster;

  private SourceCluster(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  /** A running server of the embedded programs. */
  public static SourceCluster start(Path folder) throws Exception {
    return start(EmbeddedPrograms.unpacked(), folder);
  }

  /** A running server of these programs. */
  public static SourceCluster start(PostgresPrograms programs, Path folder) throws Exception {
    EmbeddedCluster cluster = EmbeddedCluster.create(programs, folder);
    try {
      return new SourceCluster(cluster.start(Map.of()));
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  /** The embedded programs' folder. */
  public static Path programs() throws Exception {
    return EmbeddedPrograms.unpacked().folder();
  }

  public void sql(String... statements) {
    cluster.sql(statements);
  }

  public String ask(String query) {
    return cluster.ask(query);
  }

  /** Writes {@code data/}, {@code tablespaces/<oid>/} and {@code backup_manifest}. */
  public ClusterFacts backUp(String id, Path folder) throws Exception {
    var server = new PostgresServer(cluster.superuser());
    ClusterFacts facts = new ClusterInspection(server).run();
    Optional<CanaryRow> canary = new Canary(server).write(id, warning -> {});
    BaseBackupResult result =
        new BaseBackup(server).run(id, new FolderConsumer(folder), Progress.none());
    Files.write(folder.resolve("backup_manifest"), result.manifest());
    Path tablespaces = folder.resolve("data.tablespaces");
    if (Files.exists(tablespaces)) {
      Files.move(tablespaces, folder.resolve("tablespaces"));
    }
    return facts.with(canary).with(result);
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
