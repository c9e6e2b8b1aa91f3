package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lifeboat.acceptance.DeafS3;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.config.Settings;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines.BackupOrder;
import io.lifeboat.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository whose server stopped honouring conditions after it was made. */
class UnsafeStoreTest {
  private static final String CONFIGURATION =
      """
      keys: { service: service.key, recovery: kit.txt }
      repositories: { local: { store: %s } }
      sources: { docs: { type: files, paths: [docs] } }
      plans: %s
      """;

  @TempDir Path folder;

  @Test
  void theServiceIsUnhealthyAndBacksUpNothingToIt() throws Exception {
    try (var server = movedToADeafServer();
        var capabilities = new EngineCapabilities(Installation.of(settings(server, true)))) {
      Map<String, byte[]> before = new TreeMap<>(server.objects());

      assertUnsafe(() -> capabilities.repositoryProbes().get("local").run());
      assertUnsafe(() -> capabilities.engines().backup(BackupOrder.of("nightly"), Progress.none()));

      assertThat(server.objects()).containsExactlyEntriesOf(before);
    }
  }

  @Test
  void aNodeThatOnlyReadsItAsksNothingOfThat() throws Exception {
    try (var server = movedToADeafServer();
        var capabilities = new EngineCapabilities(Installation.of(settings(server, false)))) {
      capabilities.repositoryProbes().get("local").run();
    }
  }

  private DeafS3 movedToADeafServer() throws Exception {
    Files.createDirectories(folder.resolve("docs"));
    Path config = folder.resolve("config.yml");
    Files.writeString(config, CONFIGURATION.formatted("{ type: folder, path: store }", "{}"));
    var made = InThisJvm.run(Map.of(), "init", "--config", config.toString());
    assertThat(made.status()).as(made.err()).isZero();
    var server = new DeafS3();
    Path store = folder.resolve("store");
    try (Stream<Path> all = Files.walk(store)) {
      for (Path object : all.filter(Files::isRegularFile).toList()) {
        server.objects().put("/vault/prod/" + store.relativize(object), Files.readAllBytes(object));
      }
    }
    return server;
  }

  private Settings settings(DeafS3 server, boolean plan) throws Exception {
    String s3 =
        "{ type: s3, endpoint: \"%s\", bucket: vault, prefix: prod, pathStyle: true, accessKey: a,"
            + " secretKey: s }";
    Path file = folder.resolve("deaf.yml");
    Files.writeString(
        file,
        CONFIGURATION.formatted(
            s3.formatted(server.endpoint()),
            plan ? "{ nightly: { source: docs, repository: local } }" : "{}"));
    return ConfigurationFile.read(file, Map.of()).settings();
  }

  private static void assertUnsafe(Runnable call) {
    for (Runnable again : List.of(call, call)) {
      assertThatExceptionOfType(PermanentException.class)
          .isThrownBy(again::run)
          .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNSAFE));
    }
  }
}
