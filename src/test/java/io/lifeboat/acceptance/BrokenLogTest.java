package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people can still do when the log lost an entry, and what tells them. Entries 0 genesis, 1
 * writer, 2 domain, 3 and 4 snapshots.
 */
class BrokenLogTest {
  @TempDir Path folder;
  private Node node;
  private Node elsewhere;
  private String oldest;
  private String newest;

  @BeforeEach
  void backUpTwice() throws Exception {
    node = Node.local(folder.resolve("node"));
    elsewhere = new Node(folder.resolve("elsewhere")).configured("{}");
    Tree.plant(node.path("docs"), new Random(5));
    node.done("init");
    node.done("backup", "nightly");
    node.done("backup", "nightly");
    JsonNode listed = node.done("snapshots");
    newest = listed.get(0).path("id").asText();
    oldest = listed.get(1).path("id").asText();
  }

  @Test
  void withoutTheFirstEntryANamedSnapshotIsRestoredWithTheKitAlone() throws Exception {
    Files.delete(entry(0));

    InThisJvm.Ended listed = withKit("snapshots");
    assertThat(listed.status()).isEqualTo(1);
    assertThat(listed.out()).contains(newest, oldest);
    assertThat(listed.err()).contains("log/0000000000000000", "lifeboat repair --dry-run");

    Path target = folder.resolve("target");
    InThisJvm.Ended restored = restore(target, "--snapshot", newest);
    assertThat(restored.status()).as(restored.err()).isZero();
    assertThat(Tree.describe(target.resolve("docs"))).isEqualTo(Tree.describe(node.path("docs")));
  }

  @Test
  void withoutTheFirstEntryNothingIsTakenForTheNewestAndTheHintNamesOneAndTheRepair()
      throws Exception {
    Files.delete(entry(0));

    failure(restore(folder.resolve("target")))
        .is(ErrorCode.LOG_BROKEN, "log/0000000000000000")
        .hints("--snapshot " + newest, "lifeboat repair --dry-run");
    assertThat(folder.resolve("target")).doesNotExist();

    node.done("repair", "--dry-run");
    node.done("repair");
    assertThat(restore(folder.resolve("target")).status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aBackupDoesNotBeginWhereItsEntryCouldNotBeAdded(int lost) throws Exception {
    Files.delete(entry(lost));
    List<Path> packs = packs();

    node.refused("backup", "nightly")
        .is(ErrorCode.LOG_BROKEN, "log/000000000000000" + lost)
        .hints("lifeboat repair --dry-run");
    assertThat(packs()).isEqualTo(packs);
  }

  @Test
  void aSnapshotWhoseOwnEntryIsLostIsNotCalledUnknown() throws Exception {
    Files.delete(entry(3));

    failure(restore(folder.resolve("target"), "--snapshot", oldest))
        .is(ErrorCode.LOG_BROKEN, oldest, "log/0000000000000003")
        .hints("lifeboat repair --dry-run");
  }

  /** As whoever has a node's keys to the store can, and as a bucket with a lock keeps for ever. */
  @Test
  void junkAtTheEndOfTheLogIsSettledWithTheKitAndNothingIsRemoved() throws Exception {
    String junk = "log/0000000000000005";
    Files.write(node.path("store/" + junk), new byte[200]);
    failure(restore(folder.resolve("target"))).is(ErrorCode.LOG_BROKEN, junk).hints(newest);
    InThisJvm.Ended byName = restore(folder.resolve("by-name"), "--snapshot", newest);
    assertThat(byName.status()).isZero();
    assertThat(byName.out()).contains("there may be a newer snapshot", junk);
    node.refused("prune", "--repository", "local").is(ErrorCode.LOG_BROKEN, junk);

    InThisJvm.Ended dry = withKit("repair", "--dry-run");
    assertThat(dry.status()).isEqualTo(1);
    assertThat(dry.err()).contains("lifeboat repair --void " + junk);
    assertThat(withKit("repair", "--void", junk, "--dry-run").out()).contains("void");
    node.refused("prune", "--repository", "local").is(ErrorCode.LOG_BROKEN, junk);
    InThisJvm.Ended real = withKit("repair", "--void", junk);
    assertThat(real.status()).as(real.out() + real.err()).isZero();

    assertThat(node.path("store/" + junk)).exists();
    node.done("prune", "--repository", "local");
    node.done("backup", "nightly");
    assertThat(restore(folder.resolve("target")).status()).isZero();
    assertThat(Tree.describe(folder.resolve("target/docs")))
        .isEqualTo(Tree.describe(node.path("docs")));
  }

  private List<Path> packs() throws IOException {
    Path packs = node.path("store/p");
    return node.objects().stream().filter(object -> object.startsWith(packs)).toList();
  }

  private Path entry(int n) {
    return node.path("store/log/000000000000000" + n);
  }

  private InThisJvm.Ended restore(Path target, String... more) {
    var all = new ArrayList<>(List.of("restore", "--source", "docs"));
    all.addAll(List.of("--target", target.toString()));
    all.addAll(List.of(more));
    return withKit(all.toArray(String[]::new));
  }

  /** On another machine, with the store and the kit and nothing else. */
  private InThisJvm.Ended withKit(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--store", "folder:" + node.path("store")));
    all.addAll(List.of("--identity", node.path("recovery-kit.txt").toString()));
    return elsewhere.run(all.toArray(String[]::new));
  }

  private static Node.Failure failure(InThisJvm.Ended ended) throws IOException {
    return Node.failure(ended.status(), ended.out(), ended.err());
  }
}
