package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maintenance of more packs and snapshots than one batch holds, by means of synthetic ones. */
class LongHistoryTest {
  private static final int PACKS = 300;
  private static final int CHUNKS = PACKS * 32;
  private static final Duration FORTNIGHT = Duration.ofDays(14);

  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;
  private SyntheticHistory history;

  @BeforeEach
  void createRepository(@TempDir Path folder) throws Exception {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    Path spool = Files.createDirectories(folder.resolve("synthetic"));
    history = new SyntheticHistory(store, fixture.service(), spool, "docs", CHUNKS);
  }

  private List<LogRecord.Snapshot> snapshots() {
    return fixture.writer().context().log().read().all(LogRecord.Snapshot.class).toList();
  }

  @Test
  void aPackThatWasMadeByRepackingIsOfABoundedNumberOfOthersAndNothingNeededIsLost() {
    history.write(2, CHUNKS * 9 / 10);
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of(snapshots().getFirst().snapshot()));

    maintenance.repack(0.7, Progress.none());

    var context = fixture.writer().context();
    CommitLog.View view = context.log().read();
    List<LogRecord.Relocate> copies = view.all(LogRecord.Relocate.class).toList();
    assertThat(copies)
        .hasSizeGreaterThan(1)
        .allSatisfy(copy -> assertThat(copy.moves()).hasSizeLessThanOrEqualTo(256));
    var live = new Liveness(context);
    live.add(List.of(snapshots().getLast()), Relocations.of(view));
    var reader = new PackIndexReader(context);
    long needed = 0;
    for (PackRef pack : live.packs()) {
      assertThat(live.of(pack.id()).length())
          .isLessThanOrEqualTo(reader.open(pack).entries().size());
      needed += live.of(pack.id()).cardinality();
    }
    assertThat(needed).isEqualTo(CHUNKS);
  }

  @Test
  void aForgottenSnapshotWhoseListIsDamagedKeepsNoOtherFromBeingFreed() {
    history.write(3, CHUNKS / 10);
    List<LogRecord.Snapshot> all = snapshots();
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of(all.get(0).snapshot(), all.get(1).snapshot()));
    damage(SnapshotPacks.refs(all.get(1)).getFirst());

    Maintenance.Condemned condemned =
        maintenance.condemn(FORTNIGHT, maintenance.storeTime(), false, Set.of());

    String readable = SnapshotPacks.refs(all.get(0)).getFirst().id().toString();
    assertThat(fixture.writer().context().log().read().all(LogRecord.Condemn.class))
        .singleElement()
        .satisfies(entry ->
            assertThat(entry.packs())
                .hasSize((int) condemned.packs())
                .extracting(LogRecord.CondemnedPack::id)
                .contains(readable));
    assertThat(condemned.young()).isPositive();
  }

  @Test
  void nothingIsCondemnedWhileTheListOfALiveSnapshotIsDamaged() {
    history.write(3, CHUNKS / 10);
    List<LogRecord.Snapshot> all = snapshots();
    Maintenance maintenance = fixture.writer().maintenance();
    maintenance.forget(List.of(all.get(0).snapshot()));
    damage(SnapshotPacks.refs(all.get(1)).getFirst());

    assertThatThrownBy(
            () -> maintenance.condemn(FORTNIGHT, maintenance.storeTime(), false, Set.of()))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED));
    assertThat(fixture.writer().context().log().read().all(LogRecord.Condemn.class)).isEmpty();
  }

  @Test
  void anEntryThatWasReadBeforeIsRefusedOnceItsBytesChange() {
    history.write(2, 1);
    var log = new CommitLog(store, fixture.service().admin(), Clock.systemUTC());
    CommitLog.View before = log.read();
    String name = Names.log(before.next() - 1);
    byte[] object = store.get(name);
    String other = new String(object, StandardCharsets.UTF_8).replace("snapshot", "snapshut");
    replace(name, other.getBytes(StandardCharsets.UTF_8));

    CommitLog.View after = log.read();

    assertThat(before.problems()).isEmpty();
    assertThat(after.problems()).singleElement().asString().contains("signature");
    replace(name, object);
    assertThat(log.read().problems()).isEmpty();
  }

  private void damage(PackRef pack) {
    byte[] bytes = store.get(pack.objectName());
    bytes[bytes.length / 2] ^= 1;
    replace(pack.objectName(), bytes);
  }

  private void replace(String name, byte[] bytes) {
    store.delete(name);
    store.putIfAbsent(name, new Body.Bytes(bytes));
  }
}
