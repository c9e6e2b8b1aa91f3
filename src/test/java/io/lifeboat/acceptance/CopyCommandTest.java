package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second copy elsewhere, and what it is for. */
class CopyCommandTest {
  @TempDir Path folder;

  @Test
  void aCopyNeedsNoKeyAndRestoresWhenTheFirstIsGone() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(5));
    node.done("init");
    node.done("backup", "nightly");
    Node elsewhere = new Node(folder.resolve("elsewhere")).configured("{}");
    String store = "folder:" + node.path("store");
    String second = "folder:" + folder.resolve("second");

    JsonNode answer = elsewhere.done("copy", "--store", store, "--to", second);
    assertThat(answer.path("verdict").asText()).isEqualTo("PASS");
    assertThat(answer.path("copied").asLong()).isEqualTo(answer.path("objects").asLong());
    JsonNode again = node.done("copy", "--to", second);
    assertThat(again.path("copied").asLong()).isZero();
    assertThat(again.path("skipped").asLong()).isEqualTo(answer.path("copied").asLong());

    Tree.remove(node.path("store"));
    String kit = node.path("recovery-kit.txt").toString();
    Path target = folder.resolve("target");
    elsewhere.done(
        "restore",
        "--store",
        second,
        "--identity",
        kit,
        "--source",
        "docs",
        "--target",
        target.toString());
    assertThat(Tree.describe(target.resolve("docs"))).isEqualTo(Tree.describe(node.path("docs")));
    assertThat(Files.exists(node.path("store"))).isFalse();
  }

  @Test
  void whatIsNotClearIsRefused() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    node.refused("copy", "--to", "ftp:somewhere").is(ErrorCode.USAGE_INVALID, "--to", "ftp:");
    node.refused("copy", "--from", "remote", "--to", "folder:x")
        .is(ErrorCode.USAGE_INVALID, "remote")
        .hints("local");
  }
}
