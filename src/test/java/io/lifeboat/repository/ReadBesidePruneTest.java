package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prune takes packs away from under whoever reads: nobody may call anything lost for that. */
@Tag("slow")
class ReadBesidePruneTest {
  private static final Map<String, byte[]> ALL = SmallSnapshots.randomFiles(1, 6, 700_000);
  private static final Map<String, byte[]> SOME = some("file-1-000", "file-1-004");

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;

  /** Of the packs that s2 shares with s1, a prune of s1 copies what s2 needs. */
  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", ALL);
    SmallSnapshots.write(fixture.writer(), "s2", SOME);
  }

  @Test
  void aRestoreThatPausedWhileItsPacksWereMovedReadsOn() {
    try (SnapshotReader reader = fixture.reader().read("s2")) {
      prune("s1");

      assertSame(SmallSnapshots.read(reader), SOME);
    }
  }

  @Test
  void whereverARestoreIsWhenItsPacksAreMovedItEndsByteForByte() {
    int points =
        atEachRead(
            () -> prune("s1"),
            disturbed ->
                SmallSnapshots.assertHolds(fixture.through(disturbed).reader(), "s2", SOME));
    assertThat(points).isGreaterThanOrEqualTo(4);
  }

  @Test
  void packsThatAreMovedTwiceAreFollowed() {
    SmallSnapshots.write(fixture.writer(), "s3", some("file-1-000"));
    try (SnapshotReader reader = fixture.reader().read("s3")) {
      prune("s1");
      prune("s2");

      assertSame(SmallSnapshots.read(reader), some("file-1-000"));
    }
  }

  @Test
  void aSnapshotThatIsForgottenWhileItIsReadIsSaidToBeForgotten() {
    try (SnapshotReader reader = fixture.reader().read("s1")) {
      prune("s1");

      assertThatThrownBy(() -> SmallSnapshots.read(reader))
          .isInstanceOfSatisfying(
              LifeboatException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_UNKNOWN))
          .hasMessageContaining("forgotten");
    }
  }

  @Test
  void aPackThatIsLostIsNamedAndTheLogReadOnceMoreForIt() {
    var counted = new DisturbedStore(store, Integer.MAX_VALUE, () -> {});
    try (SnapshotReader reader = fixture.through(counted).reader().read("s2")) {
      String lost = dataPack();
      store.delete(lost);
      int before = counted.logReads();

      for (int n = 0; n < 3; n++) {
        assertThatThrownBy(() -> SmallSnapshots.read(reader))
            .isInstanceOfSatisfying(
                LifeboatException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_MISSING))
            .hasMessageContaining(lost);
      }
      assertThat(counted.logReads() - before).isEqualTo(1);
    }
  }

  @Test
  void aVerificationTakesNothingForLostThatAPruneMovesOrRemovesMeanwhile() {
    for (Verification.Depth depth : Verification.Depth.values()) {
      int points =
          atEachRead(
              () -> prune("s1"),
              disturbed ->
                  assertThat(
                          fixture
                              .through(disturbed)
                              .reader()
                              .verification()
                              .run(depth, Progress.none())
                              .problems())
                      .isEmpty());
      assertThat(points).as(depth.name()).isPositive();
    }
  }

  @Test
  void aVerificationStillNamesAPackThatIsLostWhileAPruneRuns() {
    SmallSnapshots.write(fixture.writer(), "s3", SmallSnapshots.randomFiles(3, 2, 700_000));
    String lost = newestDataPack();
    for (Verification.Depth depth : Verification.Depth.values()) {
      atEachRead(
          () -> {
            prune("s1");
            store.delete(lost);
          },
          disturbed ->
              assertThat(
                      fixture
                          .through(disturbed)
                          .reader()
                          .verification()
                          .run(depth, Progress.none())
                          .problems())
                  .as("%s", depth)
                  .allSatisfy(problem -> assertThat(problem).containsAnyOf(lost, "s3")));
    }
  }

  @Test
  void aPackThatIsLostJustBeforeItIsReadIsNamedByVerifyAndByTheReportOfDamage() {
    String lost = dataPack();
    byte[] bytes = store.get(lost);
    var losing =
        new ForwardingStore(store) {
          @Override
          public byte[] get(String name, long mostBytes) {
            if (name.equals(lost)) {
              store.delete(lost);
            }
            return super.get(name, mostBytes);
          }
        };
    Repository reader = fixture.through(losing).reader();
    for (Verification.Depth depth : List.of(Verification.Depth.L1, Verification.Depth.L2)) {
      store.overwrite(lost, bytes);
      assertThat(reader.verification().run(depth, Progress.none()).problems())
          .as("%s", depth)
          .anySatisfy(problem -> assertThat(problem).contains(lost, "missing"));
    }
    store.overwrite(lost, bytes);
    DamageReport report = reader.repair().report(Progress.none());
    assertThat(report.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem).contains(lost, "missing"));
    assertThat(report.affected()).isNotEmpty();
  }

  @Test
  void aReportOfDamageTakesNothingForLostThatAPruneMovesOrRemovesMeanwhile() {
    int points =
        atEachRead(
            () -> prune("s1"),
            disturbed -> {
              DamageReport report =
                  fixture.through(disturbed).reader().repair().report(Progress.none());
              assertThat(report.problems()).isEmpty();
              assertThat(report.affected()).isEmpty();
            });
    assertThat(points).isGreaterThanOrEqualTo(4);
  }

  @Test
  void aReportOfDamageWithoutTheKitIsNoFalseAlarmEither() {
    atEachRead(
        () -> prune("s1"),
        disturbed -> {
          DamageReport report =
              fixture.through(disturbed).writer().repair().report(Progress.none());
          assertThat(report.problems()).isEmpty();
          assertThat(report.affected()).isEmpty();
        });
  }

  @Test
  void whatIsLeftOfASnapshotIsAllOfItWhenItsPacksAreOnlyMoved() {
    atEachRead(
        () -> prune("s1"),
        disturbed -> {
          List<Affected> leftOut = new ArrayList<>();
          try (SnapshotReader reader =
              fixture
                  .through(disturbed)
                  .reader()
                  .readWhatIsLeft("s2", leftOut::add, Progress.none())) {
            assertSame(SmallSnapshots.read(reader), SOME);
          }
          assertThat(leftOut).isEmpty();
        });
  }

  /** Lets something happen before each read of a pack in turn; answers at how many it did. */
  private int atEachRead(Runnable disturbance, Consumer<DisturbedStore> work) {
    Map<String, byte[]> before = contents();
    int at = 0;
    while (true) {
      var disturbed = new DisturbedStore(store, at, disturbance);
      work.accept(disturbed);
      if (!disturbed.wasDisturbed()) {
        return at;
      }
      restore(before);
      // What this node remembers of the log is not what is under test.
      fixture = fixture.onAnotherMachine(folder.resolve("machine-" + System.nanoTime() + "/spool"));
      at++;
    }
  }

  private Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    names("").forEach(name -> contents.put(name, store.get(name)));
    return contents;
  }

  private void restore(Map<String, byte[]> contents) {
    names("").forEach(store::delete);
    contents.forEach(store::overwrite);
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }

  private String dataPack() {
    return fixture.neededPacks().stream()
        .filter(n -> n.startsWith("p/d/"))
        .findFirst()
        .orElseThrow();
  }

  private String newestDataPack() {
    Map<PackRef, List<PackEntry>> footers = fixture.footers();
    return footers.keySet().stream()
        .filter(pack -> pack.kind() == PackKind.DATA && pack.sizeBytes() < 2_000_000)
        .map(PackRef::objectName)
        .findFirst()
        .orElseThrow();
  }

  private void prune(String forgotten) {
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of(forgotten));
    assertThat(maintenance.repack(0.4, Progress.none()).freedBytes()).isPositive();
    maintenance.condemn(Duration.ZERO, maintenance.storeTime(), false, Set.of());
    maintenance.sweep(Duration.ZERO, maintenance.storeTime());
    assertThat(maintenance.deleteSwept(Progress.none()).packs()).isPositive();
  }

  private static Map<String, byte[]> some(String... names) {
    Map<String, byte[]> some = new LinkedHashMap<>(ALL);
    some.keySet().retainAll(Set.of(names));
    return some;
  }

  private static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
    assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((name, bytes) -> assertThat(actual.get(name)).as(name).isEqualTo(bytes));
  }
}
