package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries 0 genesis, 1 writer, 2 domain, 3 snapshot s1, 4 snapshot s2. */
class LogRepairTest {
  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final Map<String, byte[]> first = SmallSnapshots.randomFiles(1, 2, 200_000);
  private final Map<String, byte[]> second = SmallSnapshots.randomFiles(2, 2, 200_000);
  private RepositoryFixture fixture;

  @BeforeEach
  void backUpTwice() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(fixture.writer(), "s1", first);
    SmallSnapshots.write(fixture.writer(), "s2", second);
    // A machine that remembers nothing: what it sees is what the objects show.
    fixture = fixture.onAnotherMachine(folder.resolve("elsewhere/spool"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "34", "3", "2", "1", "0", "12", "01", "0123", "01234", "234"})
  void whateverEntriesAreLostBothSnapshotsComeBackAndTheLogGoesOn(String lost) {
    lose(lost);
    List<String> before = names("");

    RepairReport dry = fixture.both().repair().run(true, Progress.none());
    assertThat(names("")).isEqualTo(before);
    RepairReport real = fixture.both().repair().run(false, Progress.none());

    assertThat(real.done()).isNotEmpty().isEqualTo(dry.done());
    assertThat(real.problems()).isEmpty();
    Repository reader = fixture.reader();
    reader.requireSound();
    assertThat(reader.snapshots()).extracting(SnapshotInfo::id).containsOnly("s1", "s2");
    SmallSnapshots.assertHolds(reader, "s1", first);
    SmallSnapshots.assertHolds(reader, "s2", second);
    assertThat(reader.verification().run(Verification.Depth.L2, Progress.none()))
        .satisfies(report -> assertThat(report.problems()).isEmpty());
    assertThat(fixture.both().repair().run(false, Progress.none()).done()).isEmpty();

    SmallSnapshots.write(fixture.writer(), "s3", first);
    SmallSnapshots.assertHolds(fixture.reader(), "s3", first);
    var copy = new InMemoryStore();
    assertThat(
            new RepositoryCopy(store, copy, new SecureRandom(), Clock.systemUTC())
                .run(Progress.none())
                .problems())
        .isEmpty();
  }

  @Test
  void whatANodeRemembersIsSatisfiedByARepair() {
    fixture.both().snapshots();
    fixture
        .both()
        .verification()
        .run(
            new VerifyOrder(Verification.Depth.L1, new VerifyShare.Everything(), true),
            Progress.none());
    lose("34");
    assertThat(fixture.reader().listing().problems())
        .singleElement()
        .asString()
        .contains("rolled back");

    assertThat(fixture.both().repair().run(false, Progress.none()).problems()).isEmpty();

    fixture.reader().requireSound();
    assertThat(fixture.reader().snapshots()).extracting(SnapshotInfo::id).containsOnly("s1", "s2");
    assertThat(fixture.reader().verification().run(Verification.Depth.L1, Progress.none()))
        .satisfies(report -> assertThat(report.problems()).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"7000000000000000", "8000000000000000", "ffffffffffffffff"})
  void aStrayEntryFarAheadDoesNotMakeARepairEndless(String n) {
    store.putIfAbsent("log/" + n, new Body.Bytes(new byte[9]));
    assertThat(fixture.both().repair().run(false, Progress.none()).problems())
        .anyMatch(
            problem -> problem.startsWith("log/" + n + ": ") && problem.contains("a stray object"));
    assertThat(names("log/")).hasSize(6);
  }

  @Test
  void theKitAloneMendsALogThatStillKnowsTheDomain() {
    lose("34");
    RepairReport report = fixture.reader().repair().run(false, Progress.none());
    assertThat(report.problems()).isEmpty();
    SmallSnapshots.assertHolds(fixture.reader(), "s1", first);
    SmallSnapshots.assertHolds(fixture.reader(), "s2", second);
  }

  @Test
  void aRootThatNothingShowsToBeOursIsNotListed() {
    lose("234");
    RepairReport report = fixture.reader().repair().run(false, Progress.none());
    assertThat(report.done()).isEmpty();
    assertThat(report.problems())
        .hasSize(2)
        .allMatch(problem -> problem.contains("nothing shows that it is ours"));
    assertThat(fixture.reader().snapshots()).isEmpty();
  }

  @Test
  void aSnapshotThatLacksAPackIsNotListedAgain() {
    lose("4");
    String pack = newestDataPack();
    store.delete(pack);
    RepairReport report = fixture.both().repair().run(false, Progress.none());
    assertThat(report.problems())
        .singleElement()
        .asString()
        .contains("snapshot s2", "cannot be listed again", "file-2-00");
    assertThat(fixture.reader().snapshots()).extracting(SnapshotInfo::id).containsExactly("s1");
  }

  @Test
  void withoutTheKitTheLogIsLeftAsItIs() {
    lose("3");
    List<String> before = names("log/");
    assertThat(fixture.writer().repair().run(false, Progress.none()).problems())
        .anyMatch(problem -> problem.contains("log/0000000000000003"));
    assertThat(names("log/")).isEqualTo(before);
  }

  @Test
  void onlyTheAdminMayStandInForALostEntryAndOnlyForTheRightOneBehindIt() {
    byte[] newest = store.get("log/0000000000000004");
    lose("3");
    String next = Hashes.sha256Hex(newest);
    String previous = Hashes.sha256Hex(store.get("log/0000000000000002"));
    var body = new LogRecord.Repaired(next, List.of(), Set.of());
    var writer = fixture.service().writer();
    put(3, new LogEntry(3, previous, Instant.EPOCH, writer.verifyKey().id(), body).sign(writer));
    assertThat(fixture.reader().listing().problems())
        .anyMatch(problem -> problem.contains("only the admin key"));

    var admin = fixture.kit().requireAdmin();
    var wrong = new LogRecord.Repaired("0".repeat(64), List.of(), Set.of());
    put(3, new LogEntry(3, previous, Instant.EPOCH, admin.verifyKey().id(), wrong).sign(admin));
    assertThat(fixture.reader().snapshots()).isEmpty();
    assertThatThrownBy(() -> fixture.reader().requireSound())
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("log/0000000000000004");
  }

  @Test
  void theRealEntriesComeBackFromACopy() {
    var copy = new InMemoryStore();
    var random = new SecureRandom();
    new RepositoryCopy(store, copy, random, Clock.systemUTC()).run(Progress.none());
    byte[] real = store.get("log/0000000000000002");
    lose("2");
    new RepositoryCopy(copy, store, random, Clock.systemUTC()).run(Progress.none());
    assertThat(store.get("log/0000000000000002")).isEqualTo(real);
    fixture.reader().requireSound();
  }

  private String newestDataPack() {
    LogRecord.Snapshot s1 = fixture.entry("s1");
    var context = fixture.reader().context();
    var last = SnapshotPacks.last(context, new PackIndexReader(context), s1);
    List<String> needed =
        SnapshotPacks.references(last, s1).packs().stream()
            .map(pack -> pack.ref().objectName())
            .toList();
    return names("p/d/").stream().filter(name -> !needed.contains(name)).findFirst().orElseThrow();
  }

  /** It has no hash that anybody would compute, so it cannot be void either. */
  @Test
  void anObjectThatIsTooLongToBeAnEntryIsNamedWithWhatHelps() {
    long end = store.list(Names.LOG).count();
    String junk = Names.log(end);
    store.putIfAbsent(junk, new Body.Bytes(new byte[17_000_000]));

    assertThatThrownBy(() -> SmallSnapshots.write(fixture.writer(), "s3", first))
        .hasMessageContaining(junk)
        .hasMessageContaining("17000000 bytes")
        .hasMessageContaining("remove this object");
    RepairReport report = fixture.both().repair().run(false, Progress.none());
    assertThat(report.problems())
        .anySatisfy(problem -> assertThat(problem).contains(junk, "remove this object"));

    store.delete(junk);
    SmallSnapshots.write(fixture.writer(), "s3", first);
  }

  private void put(long n, byte[] entry) {
    store.delete(Names.log(n));
    store.putIfAbsent(Names.log(n), new Body.Bytes(entry));
  }

  private void lose(String numbers) {
    numbers.chars().forEach(n -> store.delete(Names.log(n - '0')));
  }

  private List<String> names(String prefix) {
    try (Stream<ObjectInfo> all = store.list(prefix)) {
      return all.map(ObjectInfo::name).toList();
    }
  }
}
