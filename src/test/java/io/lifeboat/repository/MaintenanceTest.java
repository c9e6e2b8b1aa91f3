package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintenanceTest {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Map<String, byte[]> OLD = SmallSnapshots.randomFiles(1, 3, 700_000);
  private static final Map<String, byte[]> NEW = SmallSnapshots.randomFiles(2, 3, 700_000);

  @TempDir Path folder;
  private InMemoryStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @Test
  void whatOnlyAForgottenSnapshotNeedsIsRemoved() {
    write("s1", OLD);
    write("s2", NEW);
    long before = packs();

    maintain(List.of("s1"));

    assertThat(packs()).isLessThan(before);
    assertThat(snapshots()).containsExactly("s2");
    assertSame("s2", NEW);
    assertSound();
    assertThatThrownBy(() -> SmallSnapshots.read(fixture.reader(), "s1"))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_UNKNOWN));
  }

  @Test
  void whatAnotherSnapshotSharesStays() {
    write("s1", OLD);
    write("s2", OLD);

    maintain(List.of("s1"));

    assertSame("s2", OLD);
    assertSound();
  }

  @Test
  void aSnapshotThatCameBeforeTheSweepTakesItsPacksBack() {
    write("s1", OLD);
    write("s2", NEW);
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s3"))) {
      Maintenance maintenance = fixture.writer().maintenance();
      maintenance.forget(List.of("s1"));
      assertThat(condemn(maintenance)).isPositive();
      assertThat(SmallSnapshots.write(writer, OLD).storedBytes()).isLessThan(100_000);
    }

    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());

    assertSame("s3", OLD);
    assertSound();
    assertThat(write("s4", OLD).storedBytes()).as("taken back, so known again").isLessThan(100_000);
  }

  @Test
  void aSnapshotThatComesAfterTheSweepIsRefusedAndTheNextRunStoresAnew() {
    write("s1", OLD);
    write("s2", NEW);
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s3"))) {
      maintain(List.of("s1"));
      assertThatThrownBy(() -> SmallSnapshots.write(writer, OLD))
          .isInstanceOfSatisfying(
              LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PACKS_SWEPT));
    }

    assertThat(snapshots()).containsExactly("s2");
    write("s4", OLD);
    assertSame("s4", OLD);
    assertSound();
  }

  @Test
  void writersThatStartAfterItWasCondemnedDoNotRelyOnAPack() {
    write("s1", OLD);
    write("s2", NEW);
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of("s1"));
    condemn(maintenance);

    assertThat(write("s3", OLD).storedBytes()).isGreaterThan(2_000_000);
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    assertThat(maintenance.deleteSwept(Progress.none()).packs()).isPositive();

    assertSame("s3", OLD);
    assertSound();
  }

  @Test
  void packsOfABackupThatMayStillRunAreLeftAlone() {
    write("s1", NEW);
    byte[] stray = {1, 2, 3};
    String id = Hashes.sha256Hex(stray);
    store.putIfAbsent("p/d/" + id.substring(0, 2) + "/" + id, new Body.Bytes(stray));
    Maintenance maintenance = fixture.writer().maintenance();
    Instant now = maintenance.storeTime();

    Maintenance.Condemned young = maintenance.condemn(Duration.ofDays(14), now, false, Set.of());
    assertThat(young.packs()).isZero();
    assertThat(young.young()).isPositive();

    Maintenance.Condemned old =
        maintenance.condemn(Duration.ofDays(14), now.plus(Duration.ofDays(15)), false, Set.of());
    assertThat(old.packs()).isEqualTo(young.young());
  }

  @Test
  void aGraceThatIsNotOverSweepsNothing() {
    write("s1", OLD);
    write("s2", NEW);
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of("s1"));
    condemn(maintenance);
    Instant now = maintenance.storeTime();

    assertThat(maintenance.sweep(Duration.ofDays(7), now.plus(Duration.ofDays(6)))).isZero();
    assertThat(maintenance.sweep(Duration.ofDays(7), now.plus(Duration.ofDays(7)))).isPositive();
  }

  @Test
  void whatLivesOfAMostlyDeadPackIsCopiedAndFoundAgain() {
    Map<String, byte[]> everything = new LinkedHashMap<>(OLD);
    everything.putAll(NEW);
    Map<String, byte[]> two = new LinkedHashMap<>(everything);
    two.keySet().retainAll(Set.of("file-1-000", "file-2-002"));
    Map<String, byte[]> one = Map.of("file-2-002", NEW.get("file-2-002"));
    write("s1", everything);
    write("s2", two);
    long before = bytes();

    assertThat(repackAndMaintain("s1")).isGreaterThan(2_500_000);

    assertThat(before - bytes()).isGreaterThan(2_500_000);
    assertSame("s2", two);
    assertSound();
    assertThat(write("s3", two).storedBytes()).as("known at their new place").isLessThan(100_000);
    write("s4", one);
    fixture.writer().maintenance().forget(List.of("s2"));

    assertThat(repackAndMaintain("s3")).as("copied once more").isGreaterThan(600_000);

    assertSame("s4", one);
    assertSound();
    assertThat(write("s5", one).storedBytes()).isLessThan(100_000);
    assertSame("s5", one);
  }

  @Test
  void aBackupThatBeganBeforeARepackKeepsWhatItNeeds() {
    Map<String, byte[]> shared = Map.of("file-1-000", OLD.get("file-1-000"));
    write("s1", OLD);
    write("s2", shared);
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s3"))) {
      Maintenance maintenance = fixture.writer().maintenance();
      maintenance.forget(List.of("s1"));
      assertThat(maintenance.repack(0.5, Progress.none()).freedBytes()).isPositive();
      SmallSnapshots.write(writer, OLD);
    }
    Maintenance maintenance = fixture.writer().maintenance();
    condemn(maintenance);
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());

    assertSame("s2", shared);
    assertSame("s3", OLD);
    assertSound();
  }

  @Test
  void aCopyWhoseBytesAreNotThoseOfItsNameIsNotReliedOn() {
    Map<String, byte[]> one = Map.of("file-1-000", OLD.get("file-1-000"));
    write("s1", OLD);
    write("s2", one);
    assertThat(repackAndMaintain("s1")).isPositive();
    String copy = copy();
    byte[] damaged = store.get(copy);
    damaged[PackLayout.HEAD_BYTES + 1000] ^= 1;
    store.overwrite(copy, damaged);

    assertThat(write("s3", one).storedBytes()).as("stored anew").isGreaterThan(600_000);

    assertSame("s3", one);
    write("s4", one);
    var counting = new CountingStore(store);
    SmallSnapshots.write(fixture.through(counting).writer(), "s5", one);
    assertThat(counting.bytesOf(copy)).as("looked at once").isZero();
    assertSame("s5", one);
  }

  private String copy() {
    return fixture
        .reader()
        .context()
        .log()
        .read()
        .all(LogRecord.Relocate.class)
        .map(entry -> PackFates.ref(entry.to()).objectName())
        .filter(name -> name.startsWith("p/d/"))
        .findFirst()
        .orElseThrow();
  }

  private long repackAndMaintain(String forgotten) {
    fixture.writer().maintenance().forget(List.of(forgotten));
    long freed = fixture.writer().maintenance().repack(0.4, Progress.none()).freedBytes();
    maintain(List.of());
    return freed;
  }

  private long bytes() {
    try (Stream<ObjectInfo> packs = store.list("p/")) {
      return packs.mapToLong(ObjectInfo::sizeBytes).sum();
    }
  }

  @Test
  void twoThatPruneAtOnceRemoveTheSame() {
    write("s1", OLD);
    write("s2", NEW);
    Maintenance one = fixture.writer().maintenance();
    Maintenance other = fixture.writer().maintenance();
    one.forget(List.of("s1"));
    other.forget(List.of("s1"));
    condemn(one);
    assertThat(condemn(other)).as("condemned already").isZero();
    one.sweep(AT_ONCE, one.storeTime());
    other.sweep(AT_ONCE, other.storeTime());
    other.deleteSwept(Progress.none());
    one.deleteSwept(Progress.none());

    assertSame("s2", NEW);
    assertSound();
  }

  @Test
  void aLiveSnapshotWhoseListCannotBeReadStopsEverything() {
    write("s1", OLD);
    write("s2", NEW);
    fixture.writer().maintenance().forget(List.of("s1"));
    String list = lastPackOf("s2");
    store.delete(list);
    long before = packs();

    assertThatThrownBy(() -> condemn(fixture.writer().maintenance()))
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining(list);
    assertThat(packs()).isEqualTo(before);
  }

  @Test
  void aDamagedLogStopsEverything() {
    write("s1", OLD);
    byte[] entry = store.get("log/0000000000000003");
    entry[50] ^= 1;
    store.overwrite("log/0000000000000003", entry);

    assertThatThrownBy(() -> fixture.writer().maintenance().history())
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_BROKEN));
  }

  private void maintain(List<String> forgotten) {
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(forgotten);
    condemn(maintenance);
    maintenance.sweep(AT_ONCE, maintenance.storeTime());
    maintenance.deleteSwept(Progress.none());
  }

  private static long condemn(Maintenance maintenance) {
    return maintenance
        .condemn(Duration.ofDays(14), maintenance.storeTime(), false, Set.of())
        .packs();
  }

  private SnapshotInfo write(String id, Map<String, byte[]> files) {
    return SmallSnapshots.write(fixture.writer(), id, files);
  }

  private List<String> snapshots() {
    return fixture.reader().snapshots().stream().map(SnapshotInfo::id).toList();
  }

  private long packs() {
    try (Stream<ObjectInfo> packs = store.list("p/")) {
      return packs.count();
    }
  }

  private String lastPackOf(String snapshot) {
    return fixture.entry(snapshot).packs().stream()
        .map(pack -> "p/m/" + pack.id().substring(0, 2) + "/" + pack.id())
        .findFirst()
        .orElseThrow();
  }

  private void assertSame(String snapshot, Map<String, byte[]> expected) {
    Map<String, byte[]> actual = SmallSnapshots.read(fixture.reader(), snapshot);
    assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (name, bytes) -> assertThat(Arrays.equals(actual.get(name), bytes)).as(name).isTrue());
  }

  private void assertSound() {
    assertThat(
            fixture.reader().verification().run(Verification.Depth.L2, Progress.none()).problems())
        .isEmpty();
  }
}
