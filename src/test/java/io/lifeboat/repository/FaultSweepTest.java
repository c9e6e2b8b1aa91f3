package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.InterruptedStore;
import io.lifeboat.store.InterruptedStore.Interruption;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Interrupts a backup and a prune at every single call to the store, each way that a call can go
 * wrong. Afterwards every snapshot in the log restores byte for byte, and the same work, done
 * again, ends where it would have ended.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultSweepTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Map<String, byte[]> FIRST = SmallSnapshots.randomFiles(1, 3, 540_000);
  private static final Map<String, byte[]> SECOND = SmallSnapshots.randomFiles(2, 2, 540_000);
  private static final Map<String, byte[]> BOTH = new LinkedHashMap<>(FIRST);

  static {
    // One file of the first snapshot lives on in the second: that makes its pack mostly dead.
    SECOND.put("file-1-000", FIRST.get("file-1-000"));
    BOTH.putAll(SECOND);
  }

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void aBackupThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) {
    int points = sweep(interruption, Map.of("s1", FIRST), this::backUpBoth);
    System.out.printf("fault sweep: backup, %s: %d points%n", interruption, points);
    assertThat(points).isGreaterThan(20);
  }

  @ParameterizedTest
  @EnumSource
  void aPruneThatIsInterruptedAnywhereHarmsNothing(Interruption interruption) {
    int points = sweep(interruption, Map.of("s1", FIRST, "s2", SECOND), this::forgetTheFirst);
    System.out.printf("fault sweep: prune, %s: %d points%n", interruption, points);
    assertThat(points).isGreaterThan(20);
  }

  /** A piece of work on a repository, through a store that may fail. */
  private interface Work {
    void run(RepositoryFixture fixture);
  }

  private void backUpBoth(RepositoryFixture fixture) {
    if (fixture.writer().snapshots().stream().noneMatch(info -> info.id().equals("s2"))) {
      SmallSnapshots.write(fixture.writer(), "s2", BOTH);
    }
  }

  private void forgetTheFirst(RepositoryFixture fixture) {
    Maintenance maintenance = fixture.writer().maintenance();
    if (maintenance.history().stream().anyMatch(s -> s.info().id().equals("s1"))) {
      maintenance.forget(List.of("s1"));
    }
    maintenance.repack(0.5, Progress.none());
    maintenance.condemn(AT_ONCE, maintenance.storeTime(), false, Set.of());
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());
  }

  private int sweep(Interruption interruption, Map<String, Map<String, byte[]>> before, Work work) {
    for (int at = 0; ; at++) {
      var store = new InMemoryStore();
      RepositoryFixture whole = RepositoryFixture.create(store, folder.resolve("spool"));
      before.keySet().stream()
          .sorted()
          .forEach(id -> SmallSnapshots.write(whole.writer(), id, before.get(id)));
      var interrupted = new InterruptedStore(store, interruption, at);
      boolean failed = false;
      try {
        work.run(whole.through(interrupted));
      } catch (LifeboatException e) {
        failed = true;
      }
      everySnapshotRestores(whole, before, "at call " + at);
      if (!interrupted.wasInterrupted()) {
        assertThat(failed).as("work that nothing interrupts succeeds").isFalse();
        return at;
      }
      work.run(whole);
      everySnapshotRestores(whole, before, "after going on from call " + at);
      nothingIsLeftOver(whole, store, "after going on from call " + at);
    }
  }

  private static void everySnapshotRestores(
      RepositoryFixture fixture, Map<String, Map<String, byte[]>> before, String when) {
    for (SnapshotInfo info : fixture.reader().snapshots()) {
      Map<String, byte[]> expected = before.getOrDefault(info.id(), BOTH);
      Map<String, byte[]> actual = SmallSnapshots.read(fixture.reader(), info.id());
      assertThat(actual.keySet()).as(when).containsExactlyInAnyOrderElementsOf(expected.keySet());
      expected.forEach(
          (name, bytes) ->
              assertThat(Arrays.equals(actual.get(name), bytes)).as(name + " " + when).isTrue());
    }
  }

  /** One more round of maintenance leaves only packs that a snapshot needs. */
  private static void nothingIsLeftOver(
      RepositoryFixture fixture, InMemoryStore store, String when) {
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.condemn(AT_ONCE, maintenance.storeTime(), false, Set.of());
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());
    Set<String> needed = fixture.neededPacks();
    try (Stream<ObjectInfo> packs = store.list("p/")) {
      assertThat(packs.map(ObjectInfo::name).collect(Collectors.toSet()))
          .as(when)
          .isEqualTo(needed);
    }
    assertThat(
            fixture.reader().verification().run(Verification.Depth.L1, Progress.none()).problems())
        .as(when)
        .isEmpty();
  }
}
