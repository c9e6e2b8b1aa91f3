package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pruning as an operator does it. */
class PruneTest {
  @TempDir Path folder;

  @Test
  void aPruneForgetsWhatNoRuleKeepsAndTheRestRestores() throws Exception {
    Node node = node();
    List<String> ids = new ArrayList<>();
    for (int day = 0; day < 4; day++) {
      Tree.write(node.path("docs/only-" + day), new Random(day), 1_500_000);
      Tree.write(node.path("docs/always"), new Random(99), 800_000);
      ids.add(node.done("backup", "nightly").get("snapshot").asText());
      Files.delete(node.path("docs/only-" + day));
    }
    node.done("hold", ids.getFirst(), "--because", "an auditor asked");
    long before = size(node);

    JsonNode looked = node.done("prune", "--dry-run");
    assertThat(size(node)).isEqualTo(before);
    JsonNode done = node.done("prune", "--grace", "PT0S");

    assertThat(ids(done.get("removed")))
        .isEqualTo(ids(looked.get("removed")))
        .containsExactly(ids.get(1));
    assertThat(ids(done.get("kept"))).containsExactly(ids.get(0), ids.get(2), ids.get(3));
    assertThat(done.get("kept").get(0).get("because").asText()).isEqualTo("held: an auditor asked");
    assertThat(done.get("bytesFreed").asLong()).isGreaterThan(1_400_000);
    assertThat(before - size(node)).isGreaterThan(1_400_000);
    assertThat(node.done("snapshots")).hasSize(3);
    assertThat(node.done("verify", "--level", "L2").get("problems")).isEmpty();
    for (String id : List.of(ids.get(0), ids.get(2), ids.get(3))) {
      Path target = node.path("back-" + id);
      node.done("restore", "--source", "docs", "--snapshot", id, "--target", target.toString());
      assertThat(target.resolve("docs/always")).hasSize(800_000);
    }

    node.done("release", ids.getFirst());
    assertThat(ids(node.done("prune", "--grace", "PT0S").get("removed")))
        .containsExactly(ids.getFirst());
  }

  @Test
  void withinItsGraceNothingIsDeleted() throws Exception {
    Node node = node();
    for (int day = 0; day < 3; day++) {
      Tree.write(node.path("docs/file"), new Random(day), 1_000_000);
      node.done("backup", "nightly");
    }
    JsonNode done = node.done("prune");
    assertThat(done.get("removed")).hasSize(1);
    assertThat(done.get("bytesFreed").asLong()).isZero();
    assertThat(node.done("prune", "--grace", "PT0S").get("bytesFreed").asLong())
        .isGreaterThan(900_000);
  }

  @Test
  void aDryRunForetellsWhatAPruneDoesNowAndWhatALaterOneWill() throws Exception {
    Node node = node();
    for (int day = 0; day < 3; day++) {
      Tree.write(node.path("docs/only-" + day), new Random(day), 1_500_000);
      Tree.write(node.path("docs/always"), new Random(99), 300_000);
      node.done("backup", "nightly");
      Files.delete(node.path("docs/only-" + day));
    }
    long before = size(node);

    JsonNode looked = node.done("prune", "--dry-run");
    String said = words(node, "prune", "--dry-run");
    assertThat(size(node)).isEqualTo(before);
    JsonNode done = node.done("prune");

    for (String kind : List.of("removed", "repacked", "condemned", "deleted", "bytesFreed")) {
      assertThat(looked.get(kind)).as(kind).isEqualTo(done.get(kind));
    }
    assertThat(looked.at("/dryRun").asBoolean()).isTrue();
    assertThat(done.at("/dryRun").asBoolean(true)).isFalse();
    assertThat(looked.at("/repacked/bytesFreed").asLong()).isBetween(1_400_000L, 1_600_000L);
    assertThat(looked.at("/condemned/bytes").asLong()).isGreaterThan(1_700_000);
    assertThat(looked.at("/deleted/packs").asLong()).isZero();
    assertThat(looked.at("/waiting/bytes")).isEqualTo(done.at("/waiting/bytes"));
    assertThat(said)
        .contains("local: would now forget 1 of 3 snapshots")
        .contains("local: would now repack 1 packs")
        .contains("frees about 1.5 MB")
        .contains("local: would now condemn ")
        .contains("local: would now delete 0 packs")
        .contains("local: later: " + done.at("/waiting/packs").asText() + " packs with ");

    JsonNode due = node.done("prune", "--dry-run", "--grace", "PT0S");
    assertThat(due.get("deleted")).isEqualTo(done.get("condemned"));
    assertThat(due.at("/waiting/packs").asLong()).isZero();
    JsonNode deleted = node.done("prune", "--grace", "PT0S");
    assertThat(due.get("deleted")).isEqualTo(deleted.get("deleted"));
    assertThat(deleted.get("bytesFreed")).isEqualTo(due.get("bytesFreed"));
  }

  private static String words(Node node, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", node.path("config.yml").toString()));
    return InThisJvm.run(System.getenv(), all.toArray(String[]::new)).out();
  }

  @Test
  void aSnapshotIsGivenUpOnlyWithAYes() throws Exception {
    Node node = node();
    Tree.write(node.path("docs/file"), new Random(1), 1000);
    String id = node.done("backup", "nightly").get("snapshot").asText();

    node.refused("forget", id).is(ErrorCode.USAGE_INVALID);
    assertThat(node.done("snapshots")).hasSize(1);
    node.done("forget", id, "--yes");
    assertThat(node.done("snapshots")).isEmpty();
    node.refused("forget", id, "--yes").is(ErrorCode.SNAPSHOT_UNKNOWN, id);
  }

  @Test
  void aSnapshotThatIsHeldIsNotGivenUp() throws Exception {
    Node node = node();
    Tree.write(node.path("docs/file"), new Random(1), 1000);
    String snapshot = node.done("backup", "nightly").get("snapshot").asText();
    node.done("hold", snapshot, "--because", "an auditor asked");

    node.refused("forget", snapshot, "--yes")
        .is(ErrorCode.SNAPSHOT_HELD, "an auditor asked")
        .hints("release");
    assertThat(node.done("snapshots")).hasSize(1);
    node.done("release", snapshot);
    node.done("forget", snapshot, "--yes");
    assertThat(node.done("snapshots")).isEmpty();
  }

  @Test
  void aHoldIsSeenWhereSnapshotsAreListedAndNeedsAReason() throws Exception {
    Node node = node();
    Tree.write(node.path("docs/file"), new Random(1), 1000);
    String snapshot = node.done("backup", "nightly").get("snapshot").asText();
    for (String nothing : List.of("", " ", "\t\n")) {
      node.refused("hold", snapshot, "--because", nothing)
          .is(ErrorCode.USAGE_INVALID, "--because", snapshot)
          .hints("--because 'audit");
    }
    assertThat(node.done("snapshots").get(0).get("heldBecause").isNull()).isTrue();
    assertThat(words(node, "snapshots")).doesNotContain("held");

    node.done("hold", snapshot, "--because", "an auditor\nasked");

    assertThat(node.done("snapshots").get(0).get("heldBecause").asText())
        .isEqualTo("an auditor\nasked");
    assertThat(words(node, "snapshots")).contains("; held: an auditor asked").hasLineCount(1);
    node.done("release", snapshot);
    assertThat(node.done("snapshots").get(0).get("heldBecause").isNull()).isTrue();
  }

  @Test
  void aRepositoryThatNoPlanUsesLosesNothingAndSaysWhy() throws Exception {
    Node node = node();
    for (int day = 0; day < 3; day++) {
      Tree.write(node.path("docs/file"), new Random(day), 1000);
      node.done("backup", "nightly");
    }
    node.configured(
        """
        keys: { service: service.key, recovery: recovery-kit.txt }
        repositories:
          local: { store: { type: folder, path: store } }
          other: { store: { type: folder, path: other } }
        sources:
          docs: { type: files, paths: [docs] }
        plans:
          nightly: { source: docs, repository: other, retention: { last: 1 } }
        """);

    JsonNode done = node.done("prune", "--repository", "local");

    assertThat(done.get("removed")).isEmpty();
    assertThat(done.at("/kept/0/because").asText())
        .isEqualTo("no plan nightly of this configuration uses this repository");
    assertThat(done.at("/notes/0").asText())
        .contains("no plan of this configuration uses this repository", "`retention`");
    assertThat(words(node, "prune", "--dry-run", "--repository", "local"))
        .contains("local: note: no plan of this configuration uses this repository");
  }

  @Test
  void aLogThatIsNotWhatItWasStopsAPruneAndSaysWhereAndWhatToDo() throws Exception {
    Node node = node();
    Tree.write(node.path("docs/file"), new Random(1), 1000);
    node.done("backup", "nightly");
    Path last = node.path("store/log/0000000000000003");
    byte[] entry = Files.readAllBytes(last);
    String place = node.path("store").toString();
    List<String> prunes = List.of("prune", "prune --dry-run");

    Files.delete(last);
    for (String prune : prunes) {
      node.refused(prune.split(" "))
          .is(ErrorCode.LOG_BROKEN, place, "log/0000000000000003", "rolled back", "tips")
          .hints("from a copy", "on purpose");
    }
    entry[100] ^= 1;
    Files.write(last, entry);
    for (String prune : prunes) {
      node.refused(prune.split(" ")).is(ErrorCode.LOG_BROKEN, place, "log/0000000000000003");
    }
    Tree.remove(node.path("var/tips"));
    for (String prune : prunes) {
      node.refused(prune.split(" "))
          .is(ErrorCode.LOG_BROKEN, place, "log/0000000000000003", "nothing is forgotten")
          .hints("a copy of the repository", "lifeboat repair", "Then prune again");
    }
  }

  @Test
  void whatIsDamagedInABackupIsNeverDeletedFromTheTarget() throws Exception {
    node()
        .refused(
            "restore",
            "--source",
            "docs",
            "--target",
            "here",
            "--delta",
            "--delete",
            "--skip-damaged")
        .is(ErrorCode.USAGE_INVALID, "--skip-damaged", "--delete");
  }

  private Node node() throws Exception {
    Node node =
        new Node(folder)
            .configured(
                """
                keys: { service: service.key, recovery: recovery-kit.txt }
                repositories:
                  local: { store: { type: folder, path: store }, prune: { grace: P7D } }
                sources:
                  docs: { type: files, paths: [docs] }
                plans:
                  nightly: { source: docs, repository: local, retention: { last: 2 } }
                """);
    Files.createDirectories(node.path("docs"));
    node.done("init");
    return node;
  }

  private static List<String> ids(JsonNode decisions) {
    var ids = new ArrayList<String>();
    decisions.forEach(decision -> ids.add(decision.get("id").asText()));
    return ids;
  }

  private static long size(Node node) throws Exception {
    long bytes = 0;
    for (Path object : node.objects()) {
      bytes += Files.size(object);
    }
    return bytes;
  }
}
