package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host is gone. All there is, in an empty folder of another machine, is the bucket's folder and
 * the recovery kit: that is enough.
 */
@Tag("slow")
class DisasterPathTest {
  private static final long SEED = System.nanoTime();
  private static final String SHOP = "shop";

  @TempDir static Path folder;
  private static Path blank;
  private static Map<String, String> environment;
  private static Map<String, String> files;
  private static Map<String, String> tables;

  @BeforeAll
  static void backUpAndLoseEverythingElse() throws Exception {
    Path lost = Files.createDirectories(folder.resolve("lost"));
    Node node = new Node(lost);
    Tree.plant(node.path("docs"), new Random(SEED));
    SourceCluster server = SourceCluster.start(Files.createDirectories(lost.resolve("server")));
    try (server) {
      Database.plant(server, 20_000);
      node.configured(
          """
          repositories:
            local: { store: { type: folder, path: store } }
          sources:
            docs: { type: files, paths: [docs] }
            shop: { type: postgres, url: "%s", password: unused }
          plans:
            docs-nightly: { source: docs, repository: local }
            shop-nightly: { source: shop, repository: local }
          """
              .formatted(server.url("postgres")));
      node.done("init");
      node.done("backup", "docs-nightly");
      node.done("backup", "shop-nightly");
      tables = Database.digests(server);
    }
    files = Tree.describe(node.path("docs"));

    // As on any machine, others may enter the temporary folder: a drill's server runs as another
    // user.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    blank = Files.createDirectories(folder.resolve("blank"));
    Tree.copy(node.path("store"), blank.resolve("bucket"));
    Files.copy(node.path("recovery-kit.txt"), blank.resolve("recovery-kit.txt"));
    Tree.remove(lost);
    Files.createDirectories(blank.resolve("home"));
    Files.createDirectories(blank.resolve("tmp"));
    environment =
        Map.of(
            "HOME", blank.resolve("home").toString(),
            "TMPDIR", blank.resolve("tmp").toString(),
            "PATH", SourceCluster.programs() + ":" + System.getenv("PATH"));
  }

  @AfterAll
  static void nothingIsLeftOnTheBlankMachine() throws Exception {
    assertThat(blank.resolve("tmp")).isEmptyDirectory();
    assertThat(blank.resolve("home")).isEmptyDirectory();
    Tree.remove(blank);
  }

  @Test
  void theListSaysWhatThereIs() throws Exception {
    JsonNode snapshots = run("snapshots");
    assertThat(snapshots.findValuesAsText("source")).containsExactly(SHOP, "docs");
  }

  @Test
  void everyByteIsVerified() throws Exception {
    JsonNode answer = run("verify", "--level", "L2");
    assertThat(answer.path("verdict").asText()).isEqualTo("PASS");
    assertThat(answer.path("problems")).isEmpty();
  }

  @Test
  void filesComeBackByteForByteWithModesOwnersLinksAndTimes() throws Exception {
    Path target = blank.resolve("restored-docs");
    run("restore", "--source", "docs", "--target", target.toString());
    assertThat(Tree.describe(target.resolve("docs"))).as("seed %d", SEED).isEqualTo(files);
    try (Stream<Path> top = Files.list(target)) {
      assertThat(top).containsExactly(target.resolve("docs"));
    }
  }

  @Test
  void theDatabaseComesBackRowForRow() throws Exception {
    Path target = blank.resolve("restored-shop");
    run("restore", "--source", SHOP, "--target", target.toString());
    Tree.own(target);
    try (SourceCluster restored = SourceCluster.restored(target)) {
      assertThat(Database.digests(restored)).isEqualTo(tables);
      assertThat(restored.ask("SELECT pg_is_in_recovery()")).isEqualTo("f");
    }
  }

  @Test
  void aDrillProvesItThereToo() throws Exception {
    for (String plan : List.of("shop-nightly", "docs-nightly")) {
      JsonNode drill = run("drill", plan, "--scratch", "process");
      assertThat(drill.path("verdict").asText()).as(drill.toPrettyString()).isEqualTo("PASS");
      assertThat(drill.path("level").asText()).isGreaterThanOrEqualTo("L5");
    }
  }

  private static JsonNode run(String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--store", "folder:bucket", "--identity", "recovery-kit.txt", "--json"));
    return LifeboatProcess.run(blank, environment, all.toArray(String[]::new)).done().answer();
  }
}
