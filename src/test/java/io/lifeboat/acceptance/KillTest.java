package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of a backup at any moment: what is listed restores, and the next one succeeds.
 */
@Tag("slow")
class KillTest {
  private static final int ROUNDS = 10;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;
  private Node node;

  /** What each listed snapshot must bring back. */
  private final Map<String, Map<String, String>> expected = new TreeMap<>();

  @BeforeEach
  void makeRepository() throws Exception {
    System.out.println("seed " + seed);
    node = Node.local(folder);
    Tree.plant(node.path("docs"), random);
    node.done("init");
  }

  @Test
  void aBackupThatIsKilledAtAnyMomentHarmsNothing() throws Exception {
    Duration whole = backUp();
    int killed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      change();
      try (var backup = start()) {
        // Not to wait for anything: to strike at another moment each time.
        Duration delay = Duration.ofMillis(random.nextLong(whole.toMillis()));
        killed += backup.killAfter(delay) ? 1 : 0;
      }
      learn();
    }
    assertThat(killed).as("killed at all, seed %d", seed).isPositive();
    finish();
  }

  @Test
  void aBackupThatIsKilledWhileItsObjectsArriveHarmsNothing() throws Exception {
    backUp();
    for (int round = 0; round < ROUNDS; round++) {
      change();
      int before = files(node.path("store").toFile());
      int more = 1 + random.nextInt(4);
      try (var backup = start()) {
        while (backup.isAlive() && files(node.path("store").toFile()) < before + more) {
          Thread.onSpinWait();
        }
        backup.kill();
      }
      learn();
    }
    finish();
  }

  /** How many there are now; files may come and go while they are counted. */
  private static int files(File file) {
    File[] entries = file.listFiles();
    return entries == null ? 1 : Arrays.stream(entries).mapToInt(KillTest::files).sum();
  }

  private LifeboatProcess start() throws Exception {
    return LifeboatProcess.start(folder, Map.of(), "backup", "nightly", "--json");
  }

  /** A whole backup in a process of its own, and how long it took. */
  private Duration backUp() throws Exception {
    long startNanos = System.nanoTime();
    try (var backup = start()) {
      String snapshot =
          backup.await(Duration.ofMinutes(2)).done().answer().path("snapshot").asText();
      expected.put(snapshot, Tree.describe(node.path("docs")));
    }
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private void change() throws Exception {
    Tree.write(node.path("docs/changing"), random, 2_000_000);
    Tree.write(node.path("docs/new-" + random.nextInt(1000)), random, 500_000);
  }

  /** A backup that was killed may just have been published: then it is whole. */
  private void learn() throws Exception {
    for (JsonNode snapshot : node.done("snapshots")) {
      expected.putIfAbsent(snapshot.path("id").asText(), Tree.describe(node.path("docs")));
    }
  }

  private void finish() throws Exception {
    change();
    backUp();
    JsonNode listed = node.done("snapshots");
    assertThat(listed.findValuesAsText("id"))
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    for (String snapshot : expected.keySet()) {
      Path target = folder.resolve("restored-" + snapshot);
      node.done(
          "restore", "--source", "docs", "--snapshot", snapshot, "--target", target.toString());
      assertThat(Tree.describe(target.resolve("docs")))
          .as("snapshot %s, seed %d", snapshot, seed)
          .isEqualTo(expected.get(snapshot));
    }
    JsonNode verified = node.done("verify", "--level", "L2");
    assertThat(verified.path("problems")).as("seed %d", seed).isEmpty();
    try (Stream<Path> spooled = Files.list(node.path("var/spool"))) {
      assertThat(spooled).as("what the killed runs left in the spool").isEmpty();
    }
  }
}
