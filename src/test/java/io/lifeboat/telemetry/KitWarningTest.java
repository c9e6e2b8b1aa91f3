package io.lifeboat.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.ConfigurationFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KitWarningTest {
  private static final String SCHEDULED = "schedule: { cron: \"0 2 * * *\" }";

  @TempDir Path folder;

  @Test
  void aKitOnANodeThatBacksUpByScheduleIsToldOfWhereverItLies() throws Exception {
    Path kit = kit("elsewhere/recovery-kit.txt");

    assertThat(warning(kit, SCHEDULED)).get().asString().contains(kit.toString(), "backs up");
    assertThat(warning(kit, "")).as("a node that drills by hand").isEmpty();
  }

  @Test
  void aKitBesideTheConfigurationIsToldOfWithoutASchedule() throws Exception {
    assertThat(warning(kit("node/recovery-kit.txt"), "")).get().asString().contains("beside");
  }

  @Test
  void nothingIsSaidOfAKitThatWasTakenAway() throws Exception {
    assertThat(warning(folder.resolve("node/recovery-kit.txt"), SCHEDULED)).isEmpty();
  }

  @Test
  void theHealthCheckSaysItAndStaysHealthy() throws Exception {
    Path kit = kit("elsewhere/recovery-kit.txt");
    Path file = configuration(kit, SCHEDULED);

    var result =
        Health.recoveryKit(ConfigurationFile.read(file, Map.of()).settings(), file).execute();

    assertThat(result.isHealthy()).isTrue();
    assertThat(result.getMessage()).contains("take recovery-kit.txt away");
  }

  private Path kit(String name) throws Exception {
    Path kit = folder.resolve(name);
    Files.createDirectories(kit.resolveSibling(""));
    return Files.writeString(kit, "kit");
  }

  private Optional<String> warning(Path kit, String schedule) throws Exception {
    Path file = configuration(kit, schedule);
    return Health.kitWarning(ConfigurationFile.read(file, Map.of()).settings(), file);
  }

  private Path configuration(Path kit, String schedule) throws Exception {
    Path node = Files.createDirectories(folder.resolve("node"));
    return Files.writeString(
        node.resolve("config.yml"),
        """
        keys: { service: service.key, recovery: "%s" }
        repositories: { local: { store: { type: folder, path: store } } }
        sources: { docs: { type: files, paths: [docs] } }
        plans:
          nightly:
            source: docs
            repository: local
            %s
        """
            .formatted(kit, schedule));
  }
}
