package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.error.ErrorCode;
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
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries 0 genesis, 1 writer, 2 domain, 3 snapshot s1, 4 snapshot s2; then what is no entry. */
class VoidSlotsTest {
  private static final Map<String, byte[]> FIRST = SmallSnapshots.randomFiles(1, 2, 200_000);
  private static final Map<String, byte[]> SECOND = SmallSnapshots.randomFiles(2, 2, 200_000);
  private static final String JUNK = Names.log(5);

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture node;
  private RepositoryFixture elsewhere;

  @BeforeEach
  void backUpTwice() {
    node = RepositoryFixture.create(store, folder.resolve("spool"));
    SmallSnapshots.write(node.writer(), "s1", FIRST);
    SmallSnapshots.write(node.writer(), "s2", SECOND);
    elsewhere = node.onAnotherMachine(folder.resolve("elsewhere/spool"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes", "a stranger's", "an older entry again"})
  void whatIsNoEntryIsSettledByTheKitWithoutRemovingAnything(String kind) {
    put(5, junk(kind));
    assertBroken(() -> elsewhere.reader().newest(any -> true));
    assertBroken(() -> node.writer().maintenance().history());
    SmallSnapshots.assertHolds(elsewhere.reader(), "s2", SECOND);
    List<String> before = names();

    RepairReport unasked = elsewhere.reader().repair().run(false, Progress.none());
    assertThat(unasked.done()).isEmpty();
    assertThat(unasked.voidable()).containsExactly(JUNK);
    RepairReport dry = elsewhere.reader().repair().run(true, List.of(JUNK), Progress.none());
    assertThat(names()).isEqualTo(before);
    assertBroken(() -> node.writer().maintenance().history());
    RepairReport real = elsewhere.reader().repair().run(false, List.of(JUNK), Progress.none());

    assertThat(real.done()).isEqualTo(dry.done()).singleElement().asString().contains(JUNK);
    assertThat(real.problems()).isEmpty();
    assertThat(names()).containsAll(before);
    assertThat(elsewhere.reader().newest(any -> true).orElseThrow().id()).isEqualTo("s2");
    assertThat(node.writer().maintenance().history()).hasSize(2);
    SmallSnapshots.write(node.writer(), "s3", FIRST);
    SmallSnapshots.assertHolds(elsewhere.reader(), "s3", FIRST);
    assertThat(elsewhere.reader().verification().run(Verification.Depth.L2, Progress.none()))
        .satisfies(report -> assertThat(report.problems()).isEmpty());
    assertThat(
            new RepositoryCopy(store, new InMemoryStore(), new SecureRandom(), Clock.systemUTC())
                .run(Progress.none())
                .problems())
        .isEmpty();
  }

  @Test
  void severalAreSettledAlsoBehindABackup() {
    put(5, junk("bytes"));
    put(6, junk("a stranger's"));
    SmallSnapshots.write(node.writer(), "s3", FIRST);
    List<String> both = List.of(JUNK, Names.log(6));

    RepairReport report = elsewhere.reader().repair().run(false, both, Progress.none());

    assertThat(report.done()).hasSize(2);
    assertThat(elsewhere.reader().newest(any -> true).orElseThrow().id()).isEqualTo("s3");
  }

  @Test
  void theEntryOfASnapshotThatWasReplacedIsNotSettledWhereTheNextOneWitnessesIt() {
    replace(3, junk("bytes"));

    RepairReport report =
        elsewhere.reader().repair().run(false, List.of(Names.log(3)), Progress.none());

    assertThat(report.voidable()).isEmpty();
    assertThat(report.problems())
        .anyMatch(problem -> problem.contains("not declared void") && problem.contains("another"));
    assertBroken(() -> elsewhere.reader().requireSound());
  }

  @Test
  void severalThatWereReplacedInARowAreNotSettled() {
    replace(2, junk("bytes"));
    replace(3, junk("bytes"));

    RepairReport report =
        elsewhere
            .reader()
            .repair()
            .run(false, List.of(Names.log(2), Names.log(3)), Progress.none());

    assertThat(report.done()).noneMatch(done -> done.contains("void"));
    assertBroken(() -> elsewhere.reader().requireSound());
  }

  @Test
  void theNewestEntryThatWasReplacedIsNotSettledByTheNodeThatRemembersIt() {
    replace(4, junk("bytes"));

    RepairReport report = node.both().repair().run(false, List.of(Names.log(4)), Progress.none());

    assertThat(report.problems())
        .anyMatch(
            problem -> problem.contains("not declared void") && problem.contains("remembers"));
    assertBroken(() -> node.writer().newest(any -> true));
  }

  @Test
  void theNewestEntryThatWasReplacedIsNotSettledWhereAVerificationHasSeenIt() {
    node.writer()
        .verification()
        .run(
            new VerifyOrder(Verification.Depth.L1, new VerifyShare.Everything(), true),
            Progress.none());
    replace(4, junk("bytes"));

    RepairReport report =
        elsewhere.reader().repair().run(false, List.of(Names.log(4)), Progress.none());

    assertThat(report.problems())
        .anyMatch(problem -> problem.contains("not declared void") && problem.contains("attest"));
    assertBroken(() -> elsewhere.reader().requireSound());
  }

  /** Nobody can know; but what the entry listed is not hidden, as its root is found. */
  @Test
  void whereNobodyRemembersTheReplacedEntryItsSnapshotIsListedAgain() {
    replace(4, junk("bytes"));

    RepairReport report =
        elsewhere.reader().repair().run(false, List.of(Names.log(4)), Progress.none());

    assertThat(report.done()).anyMatch(done -> done.contains("snapshot s2"));
    SmallSnapshots.assertHolds(elsewhere.reader(), "s2", SECOND);
    assertBroken(() -> node.writer().newest(any -> true));
  }

  @Test
  void anEntryThatANewerVersionMayKnowIsNotSettled() {
    SigningKey writer = node.service().writer();
    var hold = new LogRecord.Hold("s1", "x");
    var entry = new LogEntry(5, hash(4), Instant.EPOCH, writer.verifyKey().id(), hold);
    String later = Json.write(entry).replace("\"type\":\"hold\"", "\"type\":\"checkpoint\"");
    put(5, SignedText.sign(LogEntry.PURPOSE, later, writer));

    RepairReport report = elsewhere.reader().repair().run(false, List.of(JUNK), Progress.none());

    assertThat(report.voidable()).isEmpty();
    assertThat(report.problems()).anyMatch(problem -> problem.contains("newer version"));
    assertBroken(() -> elsewhere.reader().requireSound());
  }

  @Test
  void onlyTheAdminMayDeclareThatAndOnlyAboutTheseBytes() {
    put(5, junk("bytes"));
    append(6, node.service().writer(), new LogRecord.Voided(5, hash(5)));
    append(7, node.kit().requireAdmin(), new LogRecord.Voided(5, "0".repeat(64)));
    assertThat(elsewhere.reader().listing().problems())
        .anyMatch(problem -> problem.contains(JUNK))
        .anyMatch(problem -> problem.contains("only the admin key"));
  }

  @Test
  void anEntryThatCountsGoesOnCounting() {
    append(5, node.kit().requireAdmin(), new LogRecord.Voided(4, hash(4)));
    assertThat(elsewhere.reader().newest(any -> true).orElseThrow().id()).isEqualTo("s2");
  }

  private byte[] junk(String kind) {
    var entry =
        new LogEntry(
            5, hash(4), Instant.EPOCH, "0".repeat(16), new LogRecord.Forget(List.of("s2")));
    return switch (kind) {
      case "bytes" -> new byte[100];
      case "a stranger's" -> entry.sign(SigningKey.generate(new SecureRandom()));
      default -> store.get(Names.log(3));
    };
  }

  private void append(long n, SigningKey key, LogRecord body) {
    put(n, new LogEntry(n, hash(n - 1), Instant.EPOCH, key.verifyKey().id(), body).sign(key));
  }

  private String hash(long n) {
    return Hashes.sha256Hex(store.get(Names.log(n)));
  }

  private void put(long n, byte[] bytes) {
    store.putIfAbsent(Names.log(n), new Body.Bytes(bytes));
  }

  private void replace(long n, byte[] bytes) {
    store.delete(Names.log(n));
    put(n, bytes);
  }

  private List<String> names() {
    try (Stream<ObjectInfo> all = store.list("")) {
      return all.map(ObjectInfo::name).toList();
    }
  }

  private static void assertBroken(ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_BROKEN));
  }
}
