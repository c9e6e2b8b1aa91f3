package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void anOriginalAndItsCopyInOneConfigurationAreOneRepository() throws Exception {
    Node node = withCopy();
    node.done("backup", "nightly");
    assertThat(node.done("copy", "--from", "local", "--to", "another").path("complete").asBoolean())
        .isTrue();

    JsonNode listed = node.done("snapshots");
    assertThat(listed).hasSize(1);
    assertThat(listed.get(0).path("repositories"))
        .extracting(JsonNode::asText)
        .containsExactly("local", "another");
    String snapshot = listed.get(0).path("id").asText();
    node.done("hold", snapshot, "--because", "audit");
    node.done("release", snapshot);
    node.done("backup", "nightly");
    assertThat(node.done("snapshots"))
        .hasSize(2)
        .satisfiesOnlyOnce(one ->
            assertThat(one.path("repositories"))
                .singleElement()
                .satisfies(name -> assertThat(name.asText()).isEqualTo("local")));
    node.done("restore", "--source", "docs", "--target", node.path("target").toString());
    assertThat(Tree.describe(node.path("target/docs"))).isEqualTo(Tree.describe(node.path("docs")));
  }

  @Test
  void aCopyLiesBesideItsOriginal() throws Exception {
    Node node = Node.local(folder);
    node.done("init");
    String store = "folder:" + node.path("store");

    for (String to : List.of(store, store + "/sub", "folder:" + folder)) {
      node.refused("copy", "--store", store, "--to", to).is(ErrorCode.USAGE_INVALID).hints("--to");
    }
    assertThat(Files.exists(node.path("store/sub"))).isFalse();
  }

  @Test
  void aCopyIsWrittenToOnlyWhenItWasPromoted() throws Exception {
    Node node = withCopy();
    node.done("backup", "nightly");
    node.done("copy", "--from", "local", "--to", "another");

    node.done("prune");
    node.refused("prune", "--repository", "another")
        .is(ErrorCode.REPOSITORY_IS_COPY, "log/copy")
        .hints("--promote");
    node.refused("backup", "elsewhere").is(ErrorCode.REPOSITORY_IS_COPY);
    node.refused("copy", "--promote", "--yes", "--to", "local")
        .is(ErrorCode.REPOSITORY_MISSING, "log/copy");

    node.refused("copy", "--promote", "--to", "another")
        .is(ErrorCode.USAGE_INVALID, "--promote", "another", "for good")
        .hints("--yes", "never be written to again");
    node.refused("copy", "--promote", "--yes", "--to", "another", "--remove-swept-after", "P30D")
        .is(ErrorCode.USAGE_INVALID, "--promote", "--remove-swept-after")
        .hints("Copy with --remove-swept-after first");
    node.refused("backup", "elsewhere").is(ErrorCode.REPOSITORY_IS_COPY);

    node.done("copy", "--promote", "--yes", "--to", "another");
    node.done("backup", "elsewhere");
    node.done("prune", "--repository", "another");
    node.refused("copy", "--from", "local", "--to", "another").is(ErrorCode.LOG_BROKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"second/log/0000000000000000", "second/log/00", "second"})
  void aFirstCopyThatHasNotEndedSaysSoAndStandsInNobodysWay(String missing) throws Exception {
    Node node = withCopy();
    node.done("backup", "nightly");
    node.done("copy", "--from", "local", "--to", "another");
    takeAway(node, missing);
    String what =
        "is an unfinished copy of " + (missing.equals("second") ? "a " : "") + "repository";
    String kit = node.path("recovery-kit.txt").toString();
    String second = "folder:" + node.path("second");

    InThisJvm.Ended both = node.run("snapshots");
    assertThat(both.status()).as(both.err()).isZero();
    assertThat(new ObjectMapper().readTree(both.out())).hasSize(1);
    assertThat(both.err()).contains(what).contains("`lifeboat copy --to another` again");
    InThisJvm.Ended alone =
        InThisJvm.run(Map.of(), "snapshots", "--store", second, "--identity", kit);
    assertThat(alone.status()).isEqualTo(1);
    assertThat(alone.out()).doesNotContain("No snapshots yet");
    assertThat(alone.err()).contains(what).contains("`lifeboat copy --to STORE` again");
    node.refused(
            "restore", "--store", second, "--identity", kit, "--source", "docs", "--target", "x")
        .is(ErrorCode.SNAPSHOT_UNKNOWN)
        .hints(what);
    node.refused("prune", "--repository", "another", "--dry-run")
        .is(ErrorCode.REPOSITORY_MISSING, what)
        .hints("lifeboat copy --to");
    node.refused("copy", "--promote", "--yes", "--to", "another")
        .is(ErrorCode.REPOSITORY_MISSING, what)
        .hints("lifeboat copy --to");

    node.done("prune");
    String snapshot = node.done("snapshots").get(0).path("id").asText();
    node.done("hold", snapshot, "--because", "audit");
    node.done("restore", "--source", "docs", "--target", node.path("target").toString());
    node.done("copy", "--from", "local", "--to", "another");
    assertThat(node.done("snapshots").get(0).path("repositories")).hasSize(2);
  }

  /** Removes all objects whose names begin so, but for the mark of a copy. */
  private static void takeAway(Node node, String prefix) throws Exception {
    try (Stream<Path> all = Files.walk(node.path("second"))) {
      for (Path object : all.filter(Files::isRegularFile).toList()) {
        if (object.toString().startsWith(node.path("").resolve(prefix).toString())
            && !object.endsWith("log/copy")) {
          Files.delete(object);
        }
      }
    }
  }

  @Test
  void aCopyThatLeftSomethingOutIsNotCalledComplete() throws Exception {
    Node node = withCopy();
    node.done("backup", "nightly");
    Path pack =
        node.objects().stream().filter(path -> path.toString().contains("/p/d/")).findFirst().get();
    byte[] bytes = Files.readAllBytes(pack);
    bytes[100] ^= 1;
    Files.write(pack, bytes);

    for (int run = 0; run < 2; run++) {
      InThisJvm.Ended ended = node.run("copy", "--from", "local", "--to", "another");
      assertThat(ended.status()).isEqualTo(1);
      JsonNode answer = new ObjectMapper().readTree(ended.out());
      assertThat(answer.path("complete").asBoolean(true)).isFalse();
      assertThat(answer.path("verdict").asText()).isEqualTo("FAIL");
      assertThat(answer.path("problems").get(0).asText()).contains(pack.getFileName().toString());
    }
    InThisJvm.Ended said =
        InThisJvm.run(
            Map.of(),
            "copy",
            "--from",
            "local",
            "--to",
            "another",
            "--config",
            node.path("config.yml").toString());
    assertThat(said.out()).contains("NOT complete").contains(pack.getFileName().toString());
  }

  /** A node with a copy of its repository in its configuration, which comes first by its name. */
  private Node withCopy() throws Exception {
    Node node =
        Node.local(folder.resolve("node"))
            .configured(
                """
                keys: { service: service.key, recovery: recovery-kit.txt }
                repositories:
                  local: { store: { type: folder, path: store } }
                sources:
                  docs: { type: files, paths: [docs] }
                plans:
                  nightly: { source: docs, repository: local, drill: { scratch: process } }
                """);
    Tree.plant(node.path("docs"), new Random(5));
    node.done("init");
    return node.configured(
        """
        keys: { service: service.key, recovery: recovery-kit.txt }
        repositories:
          another: { store: { type: folder, path: second } }
          local: { store: { type: folder, path: store } }
        sources:
          docs: { type: files, paths: [docs] }
        plans:
          nightly: { source: docs, repository: local, drill: { scratch: process } }
          elsewhere: { source: docs, repository: another, drill: { scratch: process } }
        """);
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
