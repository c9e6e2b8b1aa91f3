package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.PutOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node must not do to a log, and what an entry cannot make it do. */
class LogRulesTest {
  private static final Map<String, byte[]> FILES = SmallSnapshots.randomFiles(1, 2, 600_000);
  private static final Map<String, byte[]> OTHERS = SmallSnapshots.randomFiles(2, 2, 600_000);

  @TempDir Path folder;
  private InMemoryStore store;
  private RepositoryFixture fixture;

  @BeforeEach
  void backUp() {
    store = new InMemoryStore();
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", FILES);
    SmallSnapshots.write(fixture.writer(), "s2", OTHERS);
  }

  @Test
  void theNodeThatAddedAnEntryNoticesWhenItIsGoneWithoutHavingReadItAgain() {
    String newest = store.list(Names.LOG).toList().getLast().name();
    store.delete(newest);

    assertThat(fixture.writer().listing().problems())
        .singleElement()
        .asString()
        .contains(newest, "rolled");
    assertFails(ErrorCode.LOG_BROKEN, () -> SmallSnapshots.write(fixture.writer(), "s3", OTHERS));
  }

  /** A prune between the last pack and the entry that names it. */
  @Test
  void aSnapshotWhoseOwnPacksWereSweptIsRefused() {
    var struck = new AtomicBoolean();
    var slow =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            if (name.startsWith(Names.LOG) && !struck.getAndSet(true)) {
              Maintenance maintenance = fixture.writer().maintenance();
              maintenance.condemn(Duration.ZERO, maintenance.storeTime(), false, Set.of());
              maintenance.sweep(Duration.ZERO, maintenance.storeTime());
              maintenance.deleteSwept(Progress.none());
            }
            return super.putIfAbsent(name, body);
          }
        };

    // Nothing new but the root and its list: those are all that can be swept.
    assertFails(
        ErrorCode.PACKS_SWEPT,
        () -> SmallSnapshots.write(fixture.through(slow).writer(), "s3", FILES));

    assertThat(struck).isTrue();
    assertThat(ids()).containsExactly("s2", "s1");
    assertThat(problems()).isEmpty();
  }

  @Test
  void aBackupReadsEachEntryOnceAndTheNewestTwiceThoughItLooksAtTheLogTwice() {
    Map<String, Integer> reads = new ConcurrentHashMap<>();
    var counted =
        new ForwardingStore(store) {
          @Override
          public byte[] get(String name, long mostBytes) {
            if (name.startsWith(Names.LOG)) {
              reads.merge(name, 1, Integer::sum);
            }
            return super.get(name, mostBytes);
          }
        };
    List<String> before = store.list(Names.LOG).map(ObjectInfo::name).toList();

    SmallSnapshots.write(fixture.through(counted).writer(), "s3", FILES);

    assertThat(reads)
        .containsOnlyKeys(before)
        .allSatisfy((name, times) ->
            assertThat(times).as(name).isEqualTo(name.equals(before.getLast()) ? 2 : 1));
    assertThat(ids()).containsExactly("s3", "s2", "s1");
  }

  /** What a run has read of the log before its source does not hide what happens meanwhile. */
  @Test
  void anEntryThatIsLostWhileABackupRunsIsMissedBeforeItsOwnIsAdded() {
    String lost = store.list(Names.LOG).toList().get(2).name();
    assertFails(
        ErrorCode.LOG_BROKEN,
        () -> backUpWhile(() -> store.delete(lost), SmallSnapshots.randomFiles(3, 2, 600_000)));
  }

  /** The number is free again, and the entry of this run must not take it. */
  @Test
  void aLogThatIsRolledBackWhileABackupRunsGetsNoEntryInThePlaceOfTheLostOne() {
    String newest = store.list(Names.LOG).toList().getLast().name();
    assertFails(
        ErrorCode.LOG_BROKEN,
        () -> backUpWhile(() -> store.delete(newest), SmallSnapshots.randomFiles(4, 2, 600_000)));

    assertThat(store.head(newest)).isEmpty();
  }

  /** By another entry of the same length that a key of ours signed. */
  @Test
  void aNewestEntryThatIsReplacedWhileABackupRunsIsNoticed() {
    put(Json.write(entry(new LogRecord.Release("a snapshot"))));
    String newest = store.list(Names.LOG).toList().getLast().name();
    byte[] first = store.get(newest, 10_000);
    store.delete(newest);
    put(Json.write(entry(new LogRecord.Release("b snapshot"))));
    byte[] second = store.get(newest, 10_000);
    assertThat(second).hasSameSizeAs(first);
    Runnable replacement =
        () -> {
          store.delete(newest);
          store.putIfAbsent(newest, new Body.Bytes(first));
        };

    assertFails(
        ErrorCode.LOG_BROKEN,
        () -> backUpWhile(replacement, SmallSnapshots.randomFiles(5, 2, 600_000)));
  }

  /** Something happens when the first pack is stored, long after the log was read. */
  private void backUpWhile(Runnable event, Map<String, byte[]> files) {
    var happened = new AtomicBoolean();
    var through =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            if (name.startsWith(Names.PACKS) && !happened.getAndSet(true)) {
              event.run();
            }
            return super.putIfAbsent(name, body);
          }
        };
    SmallSnapshots.write(fixture.through(through).writer(), "s3", files);
  }

  @Test
  void nothingIsCondemnedWhileSomethingIsLost() {
    LogRecord.Snapshot entry = fixture.entry("s2");
    String needed =
        fixture.neededPacks().stream()
            .filter(name -> name.startsWith("p/d/"))
            .filter(name -> entry.packs().stream().noneMatch(pack -> name.endsWith(pack.id())))
            .findFirst()
            .orElseThrow();
    store.delete(needed);
    Maintenance maintenance = fixture.writer().maintenance();

    assertFails(
        ErrorCode.OBJECT_MISSING,
        () -> maintenance.condemn(Duration.ZERO, maintenance.storeTime(), false, Set.of()));
  }

  @Test
  void aLogThatWasRolledBackIsNotContinued() {
    fixture.writer().snapshots();
    CommitLog.View view = fixture.reader().context().log().read();
    store.delete(Names.log(view.next() - 1));

    assertFails(ErrorCode.LOG_BROKEN, () -> SmallSnapshots.write(fixture.writer(), "s3", FILES));
    assertFails(ErrorCode.LOG_BROKEN, () -> fixture.writer().maintenance().history());
    assertThat(store.head(Names.log(view.next() - 1))).isEmpty();
  }

  @Test
  void ofTwoSnapshotsWithOneIdTheFirstHolds() {
    LogRecord.Snapshot first = fixture.entry("s1");
    var again =
        new LogRecord.Snapshot(
            "s1",
            first.domain(),
            first.session(),
            first.summary(),
            fixture.entry("s2").packs(),
            fixture.entry("s2").root(),
            fixture.entry("s2").references());
    put(Json.write(entry(again)));

    assertThat(ids()).containsExactly("s2", "s1");
    assertThat(SmallSnapshots.read(fixture.reader(), "s1").keySet()).isEqualTo(FILES.keySet());
    assertThat(fixture.writer().maintenance().history()).hasSize(2);
  }

  /** All of it is stored; only its entry is not. */
  @Test
  void aBackupWhoseEntryCouldNotBeAddedSaysThatARepairWouldListIt() {
    var failing =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            if (name.startsWith(Names.LOG)) {
              throw new TransientException(ErrorCode.STORE_UNREACHABLE, "Away", "Try again.");
            }
            return super.putIfAbsent(name, body);
          }
        };

    assertThatThrownBy(() -> SmallSnapshots.write(fixture.through(failing).writer(), "s3", FILES))
        .isInstanceOfSatisfying(
            TransientException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
              assertThat(e.hint()).contains("Try again.", "snapshot s3", "lifeboat repair");
            });

    assertThat(ids()).containsExactly("s2", "s1");
    assertThat(fixture.both().repair().run(true, Progress.none()).done())
        .singleElement()
        .asString()
        .contains("snapshot s3", "no entry names", "its backup failed");
  }

  @Test
  void aSenselessEntryDoesNotCountAndStopsNobody() {
    var pack = new LogRecord.CondemnedPack("d", "a".repeat(64), 1);
    put(Json.write(entry(new LogRecord.Condemn(List.of(pack)))).replace("a".repeat(64), "zz"));

    assertThat(ids()).containsExactly("s2", "s1");
    assertThat(problems()).anyMatch(problem -> problem.contains("not a pack"));
    SmallSnapshots.write(fixture.writer(), "s3", FILES);
    assertThat(SmallSnapshots.read(fixture.reader(), "s3").keySet()).isEqualTo(FILES.keySet());
  }

  @Test
  @Timeout(60)
  void aStoreThatHidesAnEntryWhichItSaysIsThereGetsNoOther() {
    CommitLog.View view = fixture.reader().context().log().read();
    String hidden = Names.log(view.next());
    store.putIfAbsent(hidden, new Body.Bytes(new byte[10]));
    var hiding =
        new ForwardingStore(store) {
          @Override
          public Optional<ObjectInfo> head(String name) {
            return name.equals(hidden) ? Optional.empty() : super.head(name);
          }

          @Override
          public Stream<ObjectInfo> list(String prefix) {
            return super.list(prefix).filter(object -> !object.name().equals(hidden));
          }
        };

    assertThatThrownBy(() -> SmallSnapshots.write(fixture.through(hiding).writer(), "s3", FILES))
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNSAFE))
        .hasMessageContaining(hidden);

    store.delete(hidden);
    assertThat(ids()).containsExactly("s2", "s1");
  }

  /** Everybody else is quicker, again and again: that is no fault of the store. */
  @Test
  void whoLosesEveryRaceForASlotGoesOnTrying() {
    var lost = new AtomicInteger();
    var busy =
        new ForwardingStore(store) {
          @Override
          public PutOutcome putIfAbsent(String name, Body body) {
            if (name.startsWith(Names.LOG) && lost.getAndIncrement() < 30) {
              put(Json.write(entry(new LogRecord.Release("nothing"))));
            }
            return super.putIfAbsent(name, body);
          }
        };

    SmallSnapshots.write(fixture.through(busy).writer(), "s3", FILES);

    assertThat(lost).hasValue(31);
    assertThat(ids()).containsExactly("s3", "s2", "s1");
  }

  private LogEntry entry(LogRecord body) {
    CommitLog.View view = fixture.reader().context().log().read();
    String key = fixture.service().writer().verifyKey().id();
    return new LogEntry(view.next(), view.tip(), Instant.EPOCH, key, body);
  }

  private void put(String json) {
    long n = fixture.reader().context().log().read().next();
    byte[] signed = SignedText.sign(LogEntry.PURPOSE, json, fixture.service().writer());
    store.putIfAbsent(Names.log(n), new Body.Bytes(signed));
  }

  private List<String> ids() {
    return fixture.reader().snapshots().stream().map(SnapshotInfo::id).toList();
  }

  private List<String> problems() {
    return fixture.reader().verification().run(Verification.Depth.L1, Progress.none()).problems();
  }

  private static void assertFails(ErrorCode code, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
