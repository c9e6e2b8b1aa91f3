package io.lifeboat.wal;

import static io.lifeboat.wal.WalFixture.await;
import static io.lifeboat.wal.WalFixture.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.wal.WalOptions.Acknowledge;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushAnswer.Outcome;
import io.lifeboat.wal.push.PushRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments of a real server of 1 MiB each, handed over as its archiver would. */
@Tag("slow")
class WalPusherTest {
  private static final int SEGMENT = 1 << 20;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final long NOW_MICROS = 4_102_444_800_000_000L; // in the year 2100
  private static final String WRITE =
      "INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 20000) n";

  @TempDir static Path shared;
  private static SourceCluster source;
  private static List<Path> segments;
  private static Instant written;

  @TempDir Path folder;
  private WalFixture fixture;

  @BeforeAll
  static void writeSomeSegments() throws Exception {
    source =
        SourceCluster.start(
            15,
            1,
            shared,
            Map.of("archive_mode", "on", "archive_command", "false", "autovacuum", "off"));
    source.sql("CREATE TABLE t (v text)", WRITE, WRITE, WRITE);
    written =
        Instant.parse(
            source.ask(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                    + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
    segments = complete(source);
    assertThat(segments).hasSizeGreaterThan(5);
  }

  /** The segments that are complete, in their order. */
  private static List<Path> complete(SourceCluster server) throws Exception {
    String open = server.ask("SELECT pg_walfile_name(pg_switch_wal())");
    try (Stream<Path> all = Files.list(server.data().resolve("pg_wal"))) {
      return all.filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}"))
          .filter(file -> file.getFileName().toString().compareTo(open) <= 0)
          .sorted()
          .toList();
    }
  }

  @AfterAll
  static void stopTheServer() throws Exception {
    source.close();
  }

  @BeforeEach
  void makeARepository() {
    fixture = new WalFixture(folder);
  }

  private static PushAnswer push(WalPusher pusher, Path file) throws IOException {
    return push(pusher, file.getFileName().toString(), Files.readAllBytes(file));
  }

  private static PushAnswer push(WalPusher pusher, String name, byte[] bytes) throws IOException {
    return push(pusher, name, bytes, PATIENCE_MILLIS);
  }

  /** By somebody who does not wait for what does not come. */
  private static PushAnswer pushHastily(WalPusher pusher, Path file) throws IOException {
    return push(pusher, file.getFileName().toString(), Files.readAllBytes(file), 200);
  }

  private static PushAnswer push(WalPusher pusher, String name, byte[] bytes, int patienceMillis)
      throws IOException {
    return pusher.take(
        new PushRequest("shop", name, bytes.length, NOW_MICROS, patienceMillis),
        Channels.newChannel(new ByteArrayInputStream(bytes)));
  }

  private static void assertTaken(PushAnswer answer) {
    assertThat(answer.isTaken()).as(answer.sentence()).isTrue();
  }

  private static String name(int index) {
    return segments.get(index).getFileName().toString();
  }

  @Test
  void whatIsHandedOverIsInTheRepositoryBitByBit() throws Exception {
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      for (Path segment : segments) {
        assertTaken(push(pusher, segment));
      }
      assertThat(pusher.status().state()).isEqualTo(WalState.STREAMING);
      assertThat(pusher.status().unshippedBytes()).isZero();
      Instant point = pusher.status().recoveryPoint().orElseThrow().serverTime();
      assertThat(point)
          .as("when it was committed, not when it was handed over")
          .isBefore(written)
          .isAfter(written.minusSeconds(60));
    }
    WalArchive archive = fixture.archive(source);
    List<WalPiece> pieces = archive.list().pieces();
    assertThat(pieces).hasSameSizeAs(segments).allMatch(piece -> piece.lengthBytes() == SEGMENT);
    assertThat(fixture.compare(source, SEGMENT)).isEqualTo(segments.size());
    assertThat(archive.read(pieces.getLast()).times().completeAt()).isBefore(written);
    assertThat(archive.read(pieces.getLast()).times().sentAt()).isAfter(written);
    assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(1);
  }

  @Test
  void theSameAgainIsTakenAndOtherBytesAreNot() throws Exception {
    byte[] bytes = Files.readAllBytes(segments.getFirst());
    byte[] other = bytes.clone();
    other[SEGMENT / 2]++;
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, name(0), bytes));
      assertTaken(push(pusher, name(0), bytes));
      assertTaken(push(pusher, segments.get(1)));
      PushAnswer refused = push(pusher, name(0), other);
      assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(refused.sentence()).contains("other bytes");
      assertThat(pusher.status().state()).isEqualTo(WalState.STALLED);
      assertThat(fixture.wasTold(StallReason.PUSH_REFUSED)).isTrue();
      assertTaken(push(pusher, segments.get(2)));
      assertThat(pusher.status().state()).isEqualTo(WalState.STREAMING);
    }
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, name(0), bytes));
      assertThat(push(pusher, name(0), other).outcome()).isEqualTo(Outcome.REFUSED);
    }
    assertThat(fixture.compare(source, SEGMENT)).isEqualTo(3);
  }

  @Test
  void whatIsNoSegmentOfThisClusterIsRefused() throws Exception {
    byte[] bytes = Files.readAllBytes(segments.getFirst());
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.LOCAL))) {
      refused(pusher, name(0), Arrays.copyOf(bytes, SEGMENT - 1), "cut short");
      refused(pusher, name(1), bytes, "its name says");
      refused(pusher, "00000000" + name(0).substring(8), bytes, "no name");
      refused(pusher, "../" + name(0), bytes, "no name");
      refused(pusher, name(0), new byte[SEGMENT], "does not begin as");
      refused(pusher, name(0), patched(bytes, 24), "system identifier");
      refused(pusher, name(0), patched(bytes, 32), "segments have");
      refused(pusher, name(0), patched(bytes, 8), "its first page");
      refused(pusher, name(0), patched(bytes, 4), "on timeline");
      assertThat(pusher.status().progress()).isEmpty();
      assertThat(pusher.status().state()).isEqualTo(WalState.STALLED);
      assertTaken(push(pusher, name(0), bytes));
    }
  }

  private static byte[] patched(byte[] bytes, int at) {
    byte[] other = bytes.clone();
    ByteBuffer page = ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(at, page.getInt(at) + 1);
    return other;
  }

  private static void refused(WalPusher pusher, String name, byte[] bytes, String because)
      throws IOException {
    PushAnswer answer = push(pusher, name, bytes);
    assertThat(answer.outcome()).as(because).isEqualTo(Outcome.REFUSED);
    assertThat(answer.sentence()).contains(because);
  }

  @Test
  void aFileThatEndsEarlyLeavesNothing() throws Exception {
    byte[] bytes = Files.readAllBytes(segments.getFirst());
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.LOCAL))) {
      assertThatThrownBy(() ->
              pusher.take(
                  new PushRequest("shop", name(0), SEGMENT, NOW_MICROS, 1000),
                  Channels.newChannel(new ByteArrayInputStream(bytes, 0, SEGMENT / 2))))
          .isInstanceOf(IOException.class);
      assertThat(pusher.status().progress()).isEmpty();
      assertTaken(push(pusher, name(0), bytes));
    }
    assertThat(fixture.wasTold(WalState.GAP)).isFalse();
  }

  @Test
  void aSegmentThatIsMissingIsAGapAndMayComeLater() throws Exception {
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, segments.get(0)));
      assertTaken(push(pusher, segments.get(2)));
      assertThat(pusher.status().state()).isEqualTo(WalState.GAP);
      WalGap gap = pusher.status().gap().orElseThrow();
      assertThat(gap.to().minus(gap.from())).isEqualTo(SEGMENT);
    }
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertThat(pusher.status().state()).as("after a restart too").isEqualTo(WalState.GAP);
      assertTaken(push(pusher, segments.get(3)));
      assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(2);
      assertTaken(push(pusher, segments.get(1)));
      assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(1);
      pusher.backupTaken();
      assertThat(pusher.status().gap()).isEmpty();
    }
    assertThat(fixture.compare(source, SEGMENT)).isEqualTo(4);
  }

  @Test
  void anEmptySpoolGoesOnWhereTheRepositoryEnds() throws Exception {
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, segments.get(0)));
      assertTaken(push(pusher, segments.get(1)));
    }
    remove(fixture.spool);
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, segments.get(2)));
      assertThat(pusher.status().gap()).isEmpty();
    }
    remove(fixture.spool);
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, segments.get(4)));
      assertThat(pusher.status().gap()).isPresent();
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Test
  void whatWasTakenLocallyOutlivesTheStoresAbsenceAndAKill() throws Exception {
    byte[] other = Files.readAllBytes(segments.getFirst());
    other[SEGMENT / 2]++;
    fixture.store.away(true);
    // The spool is empty: where to go on only the repository knows.
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.LOCAL))) {
      assertThat(push(pusher, segments.get(0)).outcome()).isEqualTo(Outcome.LATER);
    }
    fixture.store.away(false);
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.LOCAL))) {
      assertTaken(push(pusher, segments.get(0)));
      fixture.store.away(true);
      assertTaken(push(pusher, segments.get(1)));
      await("told", () -> pusher.status().state() == WalState.STALLED);
    }
    // As a kill right behind the fsync leaves it.
    Files.delete(fixture.spool.resolve("pushed"));
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.LOCAL))) {
      assertTaken(push(pusher, segments.get(1)));
      byte[] changed = Files.readAllBytes(segments.get(1));
      changed[SEGMENT - 1]++;
      assertThat(push(pusher, name(1), changed).outcome()).isEqualTo(Outcome.REFUSED);
      fixture.store.away(false);
      assertThat(pusher.awaitStored(java.time.Duration.ofSeconds(20))).isTrue();
    }
    assertThat(fixture.compare(source, SEGMENT)).isEqualTo(2);
  }

  @Test
  void whatMustBeInTheRepositoryIsNotTakenBefore() throws Exception {
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, segments.get(0)));
      fixture.store.away(true);
      PushAnswer answer = pushHastily(pusher, segments.get(1));
      assertThat(answer.outcome()).isEqualTo(Outcome.LATER);
      assertThat(answer.sentence()).contains("not in the repository yet");
      fixture.store.away(false);
      await("taken", () -> taken(pusher, segments.get(1)));
    }
  }

  private static boolean taken(WalPusher pusher, Path segment) {
    try {
      return push(pusher, segment).isTaken();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void beyondItsBudgetTheSpoolTakesNothing() throws Exception {
    var small = new WalOptions("x", Acknowledge.LOCAL, WalFixture.FLUSH, 2L << 20);
    try (WalPusher pusher = fixture.push(source, small)) {
      assertTaken(push(pusher, segments.get(0)));
      assertThat(pusher.awaitStored(java.time.Duration.ofSeconds(20))).isTrue();
      fixture.store.hold();
      assertTaken(push(pusher, segments.get(1)));
      assertTaken(push(pusher, segments.get(2)));
      PushAnswer answer = pushHastily(pusher, segments.get(3));
      assertThat(answer.outcome()).isEqualTo(Outcome.LATER);
      assertThat(answer.sentence()).contains("watch its disk");
      assertThat(fixture.wasTold(StallReason.SPOOL_OVER_BUDGET)).isTrue();
      assertThat(fixture.events).anyMatch(event -> event.sentence().contains("half of its budget"));
      fixture.store.letGo();
      assertTaken(push(pusher, segments.get(3)));
      assertThat(pusher.status().gap()).isEmpty();
    }
  }

  @Test
  void whatElseIsArchivedIsTakenForWhatItIs() throws Exception {
    byte[] history =
        "1\t0/2000000\tno recovery target specified\n".getBytes(StandardCharsets.UTF_8);
    byte[] other = "1\t0/3000000\tno recovery target specified\n".getBytes(StandardCharsets.UTF_8);
    try (WalPusher pusher = fixture.push(source, options("x", Acknowledge.REPOSITORY))) {
      assertTaken(push(pusher, name(0) + ".partial", new byte[SEGMENT]));
      assertTaken(push(pusher, name(0) + ".00000028.backup", new byte[300]));
      assertTaken(push(pusher, "00000002.history", history));
      assertTaken(push(pusher, "00000002.history", history));
      refused(pusher, "00000002.history", other, "another history");
      refused(pusher, "00000003.history", new byte[10], "cannot be read");
    }
    WalArchive archive = fixture.archive(source);
    assertThat(archive.list().histories()).containsExactly(2);
    assertThat(archive.history(2)).isEqualTo(history);
    assertThat(archive.list().pieces()).isEmpty();
  }

  @Test
  void aNewTimelineGoesOnWhereTheOldOneEnded() throws Exception {
    try (SourceCluster standby = source.standby(folder.resolve("standby"))) {
      await(
          "caught up",
          () -> standby.ask("SELECT pg_last_wal_replay_lsn() >= '" + lsn() + "'").equals("t"));
      standby.ask("SELECT pg_promote()");
      standby.sql("INSERT INTO t VALUES ('on the new timeline')", WRITE);
      List<Path> ofTheNew =
          complete(standby).stream()
              .filter(file -> file.getFileName().toString().startsWith("00000002"))
              .toList();
      try (WalPusher pusher = fixture.push(standby, options("x", Acknowledge.REPOSITORY))) {
        for (Path segment : segments) {
          assertTaken(push(pusher, segment));
        }
        for (Path segment : complete(source)) {
          assertTaken(push(pusher, segment));
        }
        for (Path segment : ofTheNew) {
          assertTaken(push(pusher, segment));
        }
        assertThat(fixture.events).noneMatch(event -> event.state() == WalState.GAP);
      }
      assertThat(ofTheNew).isNotEmpty();
      assertThat(fixture.compare(standby, SEGMENT, 2)).isEqualTo(ofTheNew.size());
    }
  }

  private static String lsn() {
    return source.ask("SELECT pg_current_wal_flush_lsn()");
  }
}
