package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service prunes and verifies a real repository, and a node tells when it cannot. */
@Timeout(120)
class UpkeepTest {
  @TempDir Path folder;
  private Path configuration;

  @BeforeEach
  void create() throws Exception {
    Files.createDirectories(folder.resolve("books"));
    Files.createDirectories(folder.resolve("repository"));
    configuration = RunningService.writeConfiguration(folder);
    lifeboat(0, "init");
  }

  @Test
  void aPruneByTheServiceFreesWhatNoRuleKeepsAndExplainsTheRest() throws Exception {
    try (var service = service()) {
      List<String> ids = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        byte[] bytes = new byte[1_000_000];
        new Random(n).nextBytes(bytes);
        Files.write(folder.resolve("books/book"), bytes);
        String tags = n == 1 ? ",\"tags\":[\"release-1\"]" : "";
        ids.add(
            done(service, "/v1/backups", "{\"plan\":\"books-plan\"" + tags + "}")
                .at("/result/snapshot")
                .asText());
      }
      long before = storedBytes();

      var looked =
          done(service, "/v1/prunes", "{\"repository\":\"local\",\"dryRun\":true}").at("/result");
      assertThat(storedBytes()).isEqualTo(before);
      var pruned = done(service, "/v1/prunes", "{\"repository\":\"local\"}");

      var result = pruned.at("/result");
      assertThat(result.at("/kept")).isEqualTo(looked.at("/kept"));
      assertThat(result.at("/removed").findValuesAsText("id"))
          .isEqualTo(looked.at("/removed").findValuesAsText("id"))
          .containsExactly(ids.get(0), ids.get(2));
      assertThat(result.at("/kept").findValuesAsText("id")).containsExactly(ids.get(1), ids.get(3));
      assertThat(result.at("/kept/0/because").asText()).isEqualTo("tagged release-1 (release-*)");
      // What the first one condemned may still be within its grace, by the clock of the store.
      var second = done(service, "/v1/prunes", "{\"repository\":\"local\"}").at("/result");
      assertThat(result.at("/bytesFreed").asLong() + second.at("/bytesFreed").asLong())
          .isGreaterThan(1_900_000);
      assertThat(before - storedBytes()).isGreaterThan(1_900_000);
      assertThat(pruned.at("/phases").findValuesAsText("name"))
          .containsExactly("decide", "repack", "condemn", "sweep", "delete", "lock");
      assertThat(service.get("/v1/snapshots").body().at("/snapshots").findValuesAsText("id"))
          .containsExactly(ids.get(3), ids.get(1));
      assertThat(service.get("/v1/snapshots?tag=release-1").text("/snapshots/0/id"))
          .isEqualTo(ids.get(1));
      assertThat(lifeboat(0, "snapshots", "--tag", "nightly")).hasSize(2);
      assertThat(lifeboat(0, "snapshots", "--tag", "release-1")).hasSize(1);
    }
  }

  @Test
  void aVerificationByTheServiceFindsAByteThatWasChanged() throws Exception {
    try (var service = service()) {
      Files.writeString(folder.resolve("books/book"), "to be or not to be");
      done(service, "/v1/backups", "{\"plan\":\"books-plan\"}");
      String all = "{\"repository\":\"local\",\"subset\":\"1/1\"}";
      assertThat(done(service, "/v1/verifications", all).at("/verdict").asText()).isEqualTo("PASS");

      Path pack = objects().stream().filter(it -> it.toString().contains("/p/d/")).toList().get(0);
      byte[] bytes = Files.readAllBytes(pack);
      bytes[bytes.length / 2] ^= 1;
      Files.delete(pack);
      Files.write(pack, bytes);
      var failed = service.ended(service.post("/v1/verifications", all).text("/id"));

      assertThat(failed.text("/state")).isEqualTo("FAILED");
      assertThat(failed.text("/error/code")).isEqualTo("VERIFICATION_FAILED");
      assertThat(failed.body().at("/result/problems").toString())
          .contains(pack.getFileName().toString());
    }
  }

  @Test
  void aTagFromTheCommandLineIsBesideThePlansOwn() throws Exception {
    lifeboat(0, "backup", "books-plan", "--tag", "b", "--tag", "a");
    var snapshot = lifeboat(0, "snapshots").get(0);
    assertThat(snapshot.at("/tags").toString()).isEqualTo("[\"a\",\"b\",\"nightly\"]");
    lifeboat(2, "backup", "books-plan", "--tag", "no tag");
    assertThat(lifeboat(0, "snapshots")).hasSize(1);
  }

  @Test
  void aNodeWithoutTheKeysSaysSoBeforeAnythingIsDue() throws Exception {
    Path service = folder.resolve("service.key");
    lifeboat(0, "keygen", "node", "--role", "writer", "--out", folder + "/writer.key");
    Files.move(folder.resolve("writer.key"), service, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(folder.resolve("recovery-kit.txt"));
    Files.writeString(
        configuration,
        Files.readString(configuration)
            .replace("subset: 1/4 }", "subset: 1/4, schedule: { cron: \"0 4 * * *\" } }"));

    var capabilities =
        new EngineCapabilities(
            Installation.of(ConfigurationFile.read(configuration, Map.of()).settings()));
    try (capabilities) {
      for (String work : List.of("local-prune", "local-verify")) {
        assertThatThrownBy(() -> capabilities.repositoryProbes().get(work).run())
            .isInstanceOfSatisfying(
                PermanentException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_KEY_MISSING))
            .hasMessageContaining("maintenance identity");
      }
    }
    assertThat(lifeboat(3, "check").toString())
        .contains("schedule local-prune", "schedule local-verify", "keygen node");
    try (var running = service()) {
      var health = running.admin("/healthcheck");
      assertThat(health.body()).contains("repository-local-prune").contains("maintenance identity");
      var refused =
          running.ended(running.post("/v1/prunes", "{\"repository\":\"local\"}").text("/id"));
      assertThat(refused.text("/error/code")).isEqualTo("SERVICE_KEY_MISSING");
    }
  }

  @Test
  void aNodeWithoutTheKitVerifiesToL1AndSaysSo() throws Exception {
    Files.delete(folder.resolve("recovery-kit.txt"));
    Files.writeString(
        configuration,
        Files.readString(configuration)
            .replace("subset: 1/4 }", "subset: 1/4, schedule: { cron: \"0 4 * * *\" } }"));
    assertThat(lifeboat(3, "check").toString()).contains("RECOVERY_IDENTITY_MISSING", "at L1 here");
    Files.writeString(configuration, Files.readString(configuration).replace("L2", "L1"));
    assertThat(lifeboat(0, "check").toString())
        .contains("schedule local-prune", "schedule local-verify");
  }

  private RunningService service() throws Exception {
    return new RunningService(
        folder, settings -> new EngineCapabilities(Installation.of(settings)));
  }

  private static JsonNode done(RunningService service, String path, String body) throws Exception {
    var ended = service.ended(service.post(path, body).text("/id"));
    assertThat(ended.text("/state")).as(ended.response().body()).isEqualTo("SUCCEEDED");
    return ended.body();
  }

  private List<Path> objects() throws Exception {
    try (Stream<Path> all = Files.walk(folder.resolve("repository"))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private long storedBytes() throws Exception {
    long bytes = 0;
    for (Path object : objects()) {
      bytes += Files.size(object);
    }
    return bytes;
  }

  private JsonNode lifeboat(int status, String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--json", "--config", configuration.toString()));
    var ended = InThisJvm.run(Map.of(), all.toArray(String[]::new));
    assertThat(ended.status()).as(ended.out() + ended.err()).isEqualTo(status);
    return new ObjectMapper().readTree(ended.out());
  }
}
