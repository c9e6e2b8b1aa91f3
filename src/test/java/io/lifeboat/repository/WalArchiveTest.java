package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.Body;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalArchiveTest {
  private static final String SYSTEM = "7300000000000000001";
  private static final long SEGMENT_BYTES = 1 << 20;
  private static final Instant AT = Instant.parse("2026-02-01T00:00:00.123456Z");

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private RepositoryFixture fixture;

  @BeforeEach
  void createRepository() {
    fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  @Test
  void whatIsWrittenIsReadByTheKitAndByNobodyElse() {
    WalArchive written = fixture.writer().walOf("docs", SYSTEM);
    WalPiece piece = new WalPiece(3, 0xabcdef, 100, 5100);
    byte[] history = "1\t0/5000000\tno recovery target\n".getBytes(StandardCharsets.US_ASCII);
    written.writer().storeHistory(3, history);
    written.writer().store(piece, new WalTimes(AT, AT), wal(5000));
    write("s1", 0, 10);

    WalArchive archive = archive();
    assertThat(archive.list().pieces()).containsExactly(piece);
    assertThat(archive.list().histories()).containsExactly(3);
    assertThat(archive.list().foreign()).isEmpty();
    assertThat(archive.read(piece).bytes()).isEqualTo(wal(5000));
    assertThat(archive.read(piece).times()).isEqualTo(new WalTimes(AT, AT));
    assertThat(archive.history(3)).isEqualTo(history);

    assertCode(ErrorCode.RECOVERY_IDENTITY_MISSING, () -> written.read(piece));
    assertThat(archive.cluster()).isNotEqualTo(fixture.writer().walOf("docs", "7").cluster());
    assertThat(archive.cluster()).isNotEqualTo(fixture.writer().walOf("mail", SYSTEM).cluster());
  }

  @Test
  void aPieceUnderAnotherNameIsNoPiece() {
    WalArchive archive = fixture.writer().walOf("docs", SYSTEM);
    WalPiece piece = new WalPiece(1, 5, 0, 5000);
    archive.writer().store(piece, new WalTimes(AT, AT), wal(5000));
    WalPiece moved = new WalPiece(1, 6, 0, 5000);
    store.putIfAbsent(
        archive.prefix() + moved.name(),
        new Body.Bytes(store.get(archive.prefix() + piece.name())));
    write("s1", 0, 10);

    assertCode(ErrorCode.OBJECT_DAMAGED, () -> archive().read(moved));
    assertThat(verify().problems()).singleElement().asString().contains(moved.name(), "signature");
  }

  @Test
  void aNameThatIsTakenCostsNoByte() {
    WalArchive archive = fixture.writer().walOf("docs", SYSTEM);
    WalPiece piece = new WalPiece(1, 5, 0, 5000);
    store.putIfAbsent(archive.prefix() + piece.name(), new Body.Bytes(new byte[200]));
    archive.writer().store(piece, new WalTimes(AT, AT), wal(5000));
    archive.writer().store(piece, new WalTimes(AT, AT), wal(5000));
    write("s1", 0, 10);

    List<WalPiece> sound =
        archive().list().pieces().stream().filter(one -> !one.equals(piece)).toList();
    assertThat(sound).containsExactly(new WalPiece(1, 5, 0, 2500), new WalPiece(1, 5, 2500, 5000));
    byte[] read = new byte[5000];
    for (WalPiece one : sound) {
      System.arraycopy(archive().read(one).bytes(), 0, read, one.from(), one.lengthBytes());
    }
    assertThat(read).isEqualTo(wal(5000));
  }

  @Test
  void eachDayHasAKeyOfItsOwn() {
    WalPiece first = new WalPiece(1, 5, 0, 50);
    WalPiece second = new WalPiece(1, 5, 50, 60);
    var clock = new SettableClock(AT);
    WalWriter writer = fixture.writer(clock).walOf("docs", SYSTEM).writer();
    writer.store(first, new WalTimes(AT, AT), wal(50));
    clock.now = AT.plus(Duration.ofHours(25));
    writer.store(second, new WalTimes(AT, AT), wal(10));
    write("s1", 0, 10);

    try (var sessions = store.list(archive().prefix() + "session/")) {
      assertThat(sessions).hasSize(2);
    }
    assertThat(archive().read(first).bytes()).isEqualTo(wal(50));
    assertThat(archive().read(second).bytes()).isEqualTo(wal(10));
  }

  @Test
  void anIdentityThatCameLaterReadsItAfterARewrap() {
    WalPiece piece = new WalPiece(1, 5, 0, 50);
    fixture.writer().walOf("docs", SYSTEM).writer().store(piece, new WalTimes(AT, AT), wal(50));
    write("s1", 0, 10);
    RecoveryKit late = fixture.kit().another(new SecureRandom(), LocalDate.of(2026, 2, 1));
    fixture.reader().administration().addReader(late.recipients().getFirst());

    assertCode(
        ErrorCode.KEY_MISMATCH,
        () -> archiveOf(fixture.reader(late), fixture.writer().snapshots().getFirst()).read(piece));
    assertThat(fixture.reader().rewrap().run(Progress.none()).problems()).isEmpty();
    assertThat(
            archiveOf(fixture.reader(late), fixture.reader(late).snapshots().getFirst())
                .read(piece)
                .bytes())
        .isEqualTo(wal(50));
  }

  @Test
  void aSegmentThatIsMissingBetweenOthersIsTold() {
    WalWriter writer = fixture.writer().walOf("docs", SYSTEM).writer();
    for (long segment : new long[] {5, 6, 9}) {
      writer.store(new WalPiece(1, segment, 0, 50), new WalTimes(AT, AT), wal(50));
    }
    assertThat(verify().problems()).isEmpty();
    assertThat(verify().warnings())
        .singleElement()
        .asString()
        .contains("0000000000000007 to 0000000000000008", "00000001");
  }

  @Test
  void whatNoSnapshotNeedsIsPrunedAndNothingElse() {
    WalWriter writer = fixture.writer().walOf("docs", SYSTEM).writer();
    WalPiece before = new WalPiece(1, 4, 0, 50);
    WalPiece small = new WalPiece(1, 5, 0, 50);
    WalPiece tail = new WalPiece(1, 5, 900, 1000);
    WalPiece whole = new WalPiece(1, 5, 0, 1000);
    WalPiece next = new WalPiece(2, 6, 0, 50);
    for (WalPiece piece : List.of(before, small, tail, whole, next)) {
      writer.store(piece, new WalTimes(AT, AT), wal(piece.lengthBytes()));
    }
    WalPiece other = new WalPiece(1, 1, 0, 50);
    fixture.writer().walOf("docs", "another").writer().store(other, new WalTimes(AT, AT), wal(50));

    assertThat(prune(Set.of()).pieces()).isZero();
    write("s1", 4 * SEGMENT_BYTES + 7, 5 * SEGMENT_BYTES);
    write("s2", 5 * SEGMENT_BYTES + 7, 5 * SEGMENT_BYTES + 90);
    damage(whole);
    assertThat(prune(Set.of()).pieces()).isZero();
    damage(whole);
    assertThat(prune(Set.of()).pieces()).isEqualTo(2);
    assertThat(archive().list().pieces()).containsExactly(before, whole, next);

    fixture.writer().maintenance().forget(List.of("s1"));
    assertThat(prune(Set.of()).pieces()).isEqualTo(1);
    assertThat(archive().list().pieces()).containsExactly(whole, next);
    assertThat(names()).anyMatch(name -> name.endsWith(other.name()));
  }

  @Test
  void whatIsYoungIsNotPruned() {
    fixture
        .writer()
        .walOf("docs", SYSTEM)
        .writer()
        .store(new WalPiece(1, 1, 0, 50), new WalTimes(AT, AT), wal(50));
    write("s1", 4 * SEGMENT_BYTES, 5 * SEGMENT_BYTES);
    Maintenance maintenance = fixture.writer().maintenance();
    assertThat(
            maintenance
                .pruneWal(
                    Duration.ofHours(1), maintenance.storeTime(), false, Set.of(), Progress.none())
                .pieces())
        .isZero();
  }

  private Maintenance.DeletedWal prune(Set<String> forgotten) {
    Maintenance maintenance = fixture.writer().maintenance();
    return maintenance.pruneWal(
        Duration.ZERO, maintenance.storeTime().plusSeconds(1), false, forgotten, Progress.none());
  }

  /** Twice is as before. */
  private void damage(WalPiece piece) {
    String name = archive().prefix() + piece.name();
    byte[] bytes = store.get(name);
    bytes[bytes.length / 2] ^= 1;
    store.overwrite(name, bytes);
  }

  private List<String> names() {
    try (var all = store.list(Names.WAL)) {
      return new ArrayList<>(all.map(ObjectInfo::name).toList());
    }
  }

  private VerifyReport verify() {
    return fixture.reader().verification().run(Verification.Depth.L2, Progress.none());
  }

  private WalArchive archive() {
    return archiveOf(fixture.reader(), fixture.writer().snapshots().getFirst());
  }

  private static WalArchive archiveOf(Repository repository, SnapshotInfo snapshot) {
    return repository.walAfter(snapshot).orElseThrow();
  }

  private void write(String id, long start, long stop) {
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order(id))) {
      writer.contains(new SnapshotWriter.WalRange(SYSTEM, 1, start, stop, AT, SEGMENT_BYTES));
      SmallSnapshots.write(writer, java.util.Map.of("file", new byte[10]));
    }
  }

  private static byte[] wal(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    new Random(lengthBytes).nextBytes(bytes);
    return bytes;
  }

  private static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static final class SettableClock extends Clock {
    private Instant now;

    SettableClock(Instant now) {
      this.now = now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
