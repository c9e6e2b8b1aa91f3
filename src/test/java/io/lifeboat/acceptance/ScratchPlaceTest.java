package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A drill beside its source, on one machine, with a work folder where it should not be. */
@Tag("slow")
class ScratchPlaceTest {
  @TempDir Path folder;

  @BeforeEach
  void openTheFolder() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static JsonNode errorOf(Node node, String plan, String... named) throws Exception {
    InThisJvm.Ended ended = node.run("drill", plan);
    assertThat(ended.status()).as("%s%n%s", ended.out(), ended.err()).isEqualTo(3);
    JsonNode answer = new ObjectMapper().readTree(ended.out());
    assertThat(answer.path("verdict").asText()).isEqualTo("ERROR");
    assertThat(answer.path("level").isNull()).isTrue();
    JsonNode check = answer.path("checks").get(0);
    assertThat(check.path("id").asText()).isEqualTo("SCR-1");
    assertThat(check.path("detail").asText()).contains(named);
    return answer;
  }

  private static void mount(String kind, Path source, Path at) throws Exception {
    Files.createDirectories(at);
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount");
    assumeTrue(
        new ProcessBuilder("mount", kind, source.toString(), at.toString()).start().waitFor() == 0,
        "this machine does not let its root mount");
  }

  private static void unmount(Path at) throws Exception {
    assertThat(new ProcessBuilder("umount", at.toString()).start().waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "link", "mount"})
  void noScratchIsMadeWithinATreeThatIsBackedUp(String way) throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Path docs = node.path("docs");
    Tree.plant(docs, new Random(3));
    node.done("init");
    node.done("backup", "nightly");
    Path within = docs.resolve("reports");
    Path place = folder.resolve("place");
    switch (way) {
      case "link" -> Files.createSymbolicLink(place, within);
      case "mount" -> mount("--bind", docs, place);
      default -> place = within;
    }
    node.configured(
        Files.readString(node.path("config.yml")) + "workFolder: \"" + place + "/var\"\n");
    Map<String, String> before = new TreeMap<>(Tree.describe(docs));
    errorOf(node, "nightly", "TARGET_IS_SOURCE", "docs");
    Map<String, String> after = new TreeMap<>(Tree.describe(docs));
    after.keySet().removeIf(path -> path.contains("var"));
    assertThat(after.keySet()).containsAll(before.keySet());
    before.forEach((path, fact) -> {
      if (!path.isEmpty() && !path.equals("reports")) {
        assertThat(after).containsEntry(path, fact);
      }
    });
    if (way.equals("mount")) {
      unmount(place);
    }
  }

  /** The data directory, a tablespace of it, and a folder that is mounted from within it. */
  @Test
  void noScratchIsMadeWithinAClusterAndTheClusterIsAsItWas() throws Exception {
    Node node = new Node(folder.resolve("node"));
    Path space = Files.createDirectory(folder.resolve("space"));
    try (SourceCluster server = SourceCluster.start(folder.resolve("server"))) {
      server.sql(
          "CREATE TABLESPACE far LOCATION '" + space + "'",
          "CREATE TABLE orders (id int) TABLESPACE far",
          "INSERT INTO orders SELECT generate_series(1, 1000)");
      String settings =
          """
          keys: { recovery: recovery-kit.txt }
          repositories: { local: { store: { type: folder, path: store } } }
          sources: { shop: { type: postgres, url: "%s", password: unused } }
          plans:
            shop-nightly:
              source: shop
              repository: local
              drill: { scratch: process, programs: "%s" }
          """
              .formatted(server.url("postgres"), SourceCluster.programs());
      node.configured(settings);
      node.done("init");
      node.done("backup", "shop-nightly");
      Path data = server.data();
      node.configured(settings + "workFolder: \"" + data.resolve("base") + "/var\"\n");
      errorOf(node, "shop-nightly", "TARGET_IS_SOURCE", "PostgreSQL cluster in");
      Path link = Files.createSymbolicLink(folder.resolve("link"), data);
      node.configured(settings + "workFolder: \"" + link + "/var\"\n");
      errorOf(node, "shop-nightly", "TARGET_IS_SOURCE", "PostgreSQL cluster in");

      // Beside it, on the same machine, with the tablespace's folder at hand: nothing of it moves.
      node.configured(settings);
      assertThat(node.done("drill", "shop-nightly").path("verdict").asText()).isEqualTo("PASS");
      assertThat(server.ask("SELECT count(*) FROM orders")).isEqualTo("1000");
      assertThat(
              server.ask(
                  "SELECT pg_tablespace_location(oid) FROM pg_tablespace"
                      + " WHERE spcname = 'far'"))
          .isEqualTo(space.toString());
    }
  }

  @Test
  void withoutRoomNothingIsBegunAndTheBackupIsNotBlamed() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(4));
    node.done("init");
    node.done("backup", "nightly");
    try (var disk = SmallDisk.mount(folder.resolve("disk"), 2048)) {
      node.configured(
          Files.readString(node.path("config.yml")) + "workFolder: \"" + disk.folder() + "\"\n");
      errorOf(node, "nightly", "SCRATCH_UNAVAILABLE", "needs", disk.folder().toString());
    }
  }
}
