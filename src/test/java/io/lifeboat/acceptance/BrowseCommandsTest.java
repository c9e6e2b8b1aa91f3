package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that look into snapshots, and restores over what is there, as operators type them.
 */
@Tag("slow")
class BrowseCommandsTest {
  @TempDir Path folder;
  private Node node;

  @BeforeEach
  void backUp() throws Exception {
    node = Node.local(folder);
    Tree.plant(node.path("docs"), new Random(11));
    node.done("init");
    node.done("backup", "nightly");
  }

  @Test
  void lsShowsAFolderAsTheDisasterPathDoes() throws Exception {
    JsonNode top = node.done("ls", "--source", "docs");
    JsonNode reports = node.done("ls", "--source", "docs", "docs/reports");
    JsonNode all = node.done("ls", "--source", "docs", "--recursive");
    JsonNode byKit =
        node.done(
            "ls",
            "--store",
            "folder:" + node.path("store"),
            "--identity",
            node.path("recovery-kit.txt").toString(),
            "--source",
            "docs",
            "docs/reports");

    assertThat(top.findValuesAsText("path")).containsExactly("docs");
    assertThat(reports.findValuesAsText("path"))
        .containsExactly(
            "docs/reports/2026",
            "docs/reports/private.key",
            "docs/reports/same as large.bin",
            "docs/reports/ünïcödé €.txt");
    assertThat(byKit).isEqualTo(reports);
    assertThat(all).hasSize(Tree.describe(node.path("docs")).size());
    JsonNode key = reports.get(1);
    assertThat(key.path("mode").asText()).isEqualTo("0400");
    assertThat(key.path("kind").asText()).isEqualTo("file");
    assertThat(key.path("size").asLong()).isEqualTo(100);
    String words = said("ls", "--source", "docs", "docs");
    assertThat(words)
        .contains("lrwxrwxrwx")
        .contains("docs/dangling -> ../no where")
        .contains("1999-12-31 23:59:59  docs/large.bin");
    node.refused("ls", "--source", "docs", "docs/no").is(ErrorCode.PATH_UNKNOWN, "docs/no");
  }

  @Test
  void aNameCannotMakeATerminalDoThings() throws Exception {
    Files.writeString(node.path("docs").resolve("evil\u001b[2Jname"), "x");
    node.done("backup", "nightly");

    assertThat(said("ls", "--source", "docs", "docs")).doesNotContain("\u001b").contains("\\u001b");
  }

  @Test
  void findAndDiffTellVersionsApart() throws Exception {
    String first = newest();
    Files.writeString(node.path("docs/empty"), "no more");
    Files.delete(node.path("docs/dangling"));
    Files.writeString(node.path("docs/new"), "new");
    node.done("backup", "nightly");
    String second = newest();

    JsonNode newest = node.done("find", "--source", "docs", "empty");
    JsonNode all = node.done("find", "--source", "docs", "--snapshot", "all", "docs/**/empty");
    JsonNode diff = node.done("diff", "--source", "docs", first, "latest");

    assertThat(newest).hasSize(1);
    assertThat(newest.get(0).path("size").asLong()).isEqualTo(7);
    assertThat(all).hasSize(2);
    assertThat(all.get(0).path("snapshots").get(0).asText()).isEqualTo(second);
    assertThat(all.get(1).path("snapshots").get(0).asText()).isEqualTo(first);
    assertThat(said("find", "--source", "docs", "--snapshot", "all", "empty"))
        .contains("    in " + first)
        .contains("    in " + second);
    assertThat(diff.path("old").asText()).isEqualTo(first);
    assertThat(diff.path("new").asText()).isEqualTo(second);
    assertThat(diff.path("added").asInt()).isEqualTo(1);
    assertThat(diff.path("removed").asInt()).isEqualTo(1);
    assertThat(diff.path("contents").asInt()).isEqualTo(1);
    List<String> changes = new ArrayList<>();
    diff.path("changes")
        .forEach(c -> changes.add(c.path("change").asText() + " " + c.path("path").asText()));
    assertThat(changes)
        .containsExactly(
            "attributes docs", "removed docs/dangling", "contents docs/empty", "added docs/new");
    assertThat(said("diff", "--source", "docs", first, first)).isEqualTo("The same.\n");
    node.refused("diff", "--source", "docs", first, "nosuch").is(ErrorCode.SNAPSHOT_UNKNOWN);
  }

  @Test
  void catAndDumpGiveTheBytes() throws Exception {
    Path tar = folder.resolve("docs.tar");
    Path zip = folder.resolve("docs.zip");

    assertThat(said("cat", "--source", "docs", "docs/reports/ünïcödé €.txt")).isEqualTo("small");
    node.done("dump", "--source", "docs", "--tar", tar.toString());
    node.done("dump", "--source", "docs", "--zip", zip.toString(), "docs/reports");
    var piped =
        LifeboatProcess.run(
            folder, Map.of(), "dump", "--source", "docs", "--tar", "-", "--json", "docs/empty");

    Path target = Files.createDirectories(folder.resolve("unpacked"));
    Process unpack =
        new ProcessBuilder("tar", "-xpf", tar.toString(), "-C", target.toString()).start();
    assertThat(unpack.waitFor()).isZero();
    assertThat(Tree.describe(target.resolve("docs"))).isEqualTo(Tree.describe(node.path("docs")));
    try (var file = new ZipFile(zip.toFile())) {
      byte[] text = file.getInputStream(file.getEntry("reports/ünïcödé €.txt")).readAllBytes();
      assertThat(new String(text, StandardCharsets.UTF_8)).isEqualTo("small");
    }
    assertThat(piped.done().out()).contains("\0empty\0").endsWith("\0".repeat(1024));
    node.refused("cat", "--source", "docs", "docs").is(ErrorCode.USAGE_INVALID, "docs");
    node.refused("cat", "--source", "docs", "docs/no").is(ErrorCode.PATH_UNKNOWN, "docs/no");
    node.refused("dump", "--source", "docs", "--tar", tar.toString())
        .is(ErrorCode.TARGET_NOT_EMPTY, "docs.tar");
    Path none = folder.resolve("none.tar");
    node.refused("dump", "--source", "docs", "--tar", none.toString(), "no")
        .is(ErrorCode.PATH_UNKNOWN, "no");
    assertThat(none).doesNotExist();
    node.refused("dump", "--source", "docs").is(ErrorCode.USAGE_INVALID);
  }

  @Test
  void dataThatDoesNotGetOutIsAFailure() throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec \"$0\" \"$@\" > /dev/full",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lifeboat.app.LifeboatApplication",
                "cat",
                "--source",
                "docs",
                "docs/large.bin")
            .directory(folder.toFile())
            .start();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(said).contains("IO_FAILED");
  }

  @Test
  void aRestoreGoesOverWhatIsThere() throws Exception {
    String target = folder.resolve("target").toString();
    JsonNode first = node.done("restore", "--source", "docs", "--target", target);
    Files.writeString(folder.resolve("target/docs/large.bin"), "broken");
    Files.writeString(folder.resolve("target/docs/surplus"), "x");
    long files = first.path("files").asLong();

    JsonNode dry = restore(target, "--delta", "--delete", "--dry-run");
    JsonNode second = restore(target, "--delta", "--delete");
    JsonNode third = restore(target, "--delta", "--delete");

    assertThat(first.path("written").asLong()).isEqualTo(files);
    for (JsonNode result : List.of(dry, second)) {
      // Two names of one file.
      assertThat(result.path("written").asLong()).isEqualTo(2);
      assertThat(result.path("unchanged").asLong()).isEqualTo(files - 2);
      assertThat(result.path("deleted").asLong()).isEqualTo(1);
    }
    assertThat(third.path("unchanged").asLong()).isEqualTo(files);
    assertThat(Tree.describe(folder.resolve("target/docs")))
        .isEqualTo(Tree.describe(node.path("docs")));
    node.refused("restore", "--source", "docs", "--target", target, "--delete")
        .is(ErrorCode.USAGE_INVALID, "--delta");
    node.refused("restore", "--source", "docs", "--target", target)
        .is(ErrorCode.TARGET_NOT_EMPTY, "target");
  }

  @Test
  void aRestoreThatWasKilledIsEndedByAnother() throws Exception {
    var random = new Random(5);
    for (int n = 0; n < 300; n++) {
      Tree.write(node.path("docs").resolve("many-" + n), random, 200_000);
    }
    node.done("backup", "nightly");
    Path target = folder.resolve("target");
    int killed = 0;
    for (int round = 0; round < 4; round++) {
      try (var started =
          LifeboatProcess.start(
              folder,
              Map.of(),
              "restore",
              "--source",
              "docs",
              "--target",
              target.toString(),
              "--delta")) {
        while (started.isAlive() && !Files.exists(target.resolve("docs/many-" + 60 * round))) {
          Thread.onSpinWait();
        }
        killed += started.kill() ? 1 : 0;
      }
    }

    restore(target.toString(), "--delta");

    assertThat(killed).isPositive();
    assertThat(Tree.describe(target.resolve("docs"))).isEqualTo(Tree.describe(node.path("docs")));
    try (var entries = Files.list(target)) {
      assertThat(entries).containsExactly(target.resolve("docs"));
    }
  }

  private JsonNode restore(String target, String... options) throws Exception {
    var all = new ArrayList<>(List.of("restore", "--source", "docs", "--target", target));
    all.addAll(List.of(options));
    return node.done(all.toArray(String[]::new));
  }

  private String newest() throws Exception {
    return node.done("snapshots").get(0).path("id").asText();
  }

  private String said(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", node.path("config.yml").toString()));
    InThisJvm.Ended ended = InThisJvm.run(System.getenv(), all.toArray(String[]::new));
    assertThat(ended.status()).as(ended.err()).isZero();
    return ended.out();
  }
}
