package io.lifeboat.wal;

import static io.lifeboat.wal.WalFixture.await;
import static io.lifeboat.wal.WalFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams from one real server with segments of 1 MiB, which cuts off who is silent for 2 s. */
@Tag("slow")
class WalReceiverTest {
  private static final int SEGMENT = 1 << 20;
  private static final String WRITE =
      "INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 20000) n";

  @TempDir static Path shared;
  private static SourceCluster source;

  @TempDir Path folder;
  private WalFixture fixture;

  @BeforeAll
  static void startTheServer() throws Exception {
    source =
        SourceCluster.start(
            18,
            1,
            shared,
            Map.of(
                "wal_sender_timeout", "2s",
                "autovacuum", "off",
                "min_wal_size", "2MB",
                "max_wal_size", "8MB"));
    source.sql("CREATE TABLE t (v text)");
  }

  @AfterAll
  static void stopTheServer() throws Exception {
    source.close();
  }

  @BeforeEach
  void makeARepository() {
    fixture = new WalFixture(folder);
  }

  private static void dropSlot(String slot) {
    await(
        "the slot's session ends",
        () ->
            source
                .ask("SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot + "'")
                .equals("f"));
    source.sql("SELECT pg_drop_replication_slot('" + slot + "')");
  }

  @Test
  void whatTheServerWritesIsInTheRepositoryBitByBit() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("bits", Acknowledge.REPOSITORY))) {
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
      source.sql(WRITE);
      Instant before =
          Instant.parse(
              source.ask(
                  "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                      + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
      Lsn written = fixture.awaitDurable(receiver, source);

      WalArchive.Inventory inventory = fixture.archive(source).list();
      assertThat(fixture.compare(source, SEGMENT)).isEqualTo(inventory.pieces().size());
      assertThat(inventory.foreign()).isEmpty();
      assertThat(inventory.pieces())
          .as("complete segments are whole")
          .anyMatch(piece -> piece.from() == 0 && piece.to() == SEGMENT);
      Lsn start = inventory.pieces().stream().map(WalReceiverTest::start).findFirst().orElseThrow();
      assertThat(fixture.coverage(source, SEGMENT).along(start, fixture.history(source, 1)))
          .satisfies(reach -> assertThat(reach.gap()).isEmpty())
          .satisfies(reach -> assertThat(reach.to().lsn()).isGreaterThanOrEqualTo(written));
      await(
          "the server knows what is safe",
          () ->
              source
                  .ask(
                      "SELECT restart_lsn >= '"
                          + written
                          + "' FROM pg_replication_slots WHERE slot_name = 'bits'")
                  .equals("t"));
      await(
          "a recovery point behind what was written",
          () ->
              receiver
                  .status()
                  .recoveryPoint()
                  .filter(point -> !point.serverTime().isBefore(before))
                  .isPresent());
      assertThat(receiver.status().slot().orElseThrow().walStatus()).contains("reserved");
      assertThat(modes(fixture.spool)).containsOnly("rw-------");
    }
    assertThat(fixture.events)
        .extracting(WalEvent::state)
        .containsSubsequence(WalState.CATCHING_UP, WalState.STREAMING)
        .doesNotContain(WalState.STALLED, WalState.GAP, WalState.SLOT_LOST);
    dropSlot("bits");
  }

  private static Lsn start(WalPiece piece) {
    return new Lsn(piece.segment() * SEGMENT);
  }

  private static List<String> modes(Path folder) throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> !file.endsWith("lock"))
          .map(file -> {
            try {
              return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            } catch (java.io.IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          })
          .toList();
    }
  }

  @Test
  void anOpenSegmentOfAQuietServerIsStoredWithinTheFlushInterval() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("quiet", Acknowledge.LOCAL))) {
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
      fixture.awaitDurable(receiver, source);
      long begunNanos = System.nanoTime();
      source.sql("INSERT INTO t VALUES ('one')");
      Lsn written = fixture.awaitDurable(receiver, source);
      assertThat(Duration.ofNanos(System.nanoTime() - begunNanos))
          .isLessThan(Duration.ofSeconds(2));
      WalPiece newest = fixture.archive(source).list().pieces().getLast();
      assertThat(start(newest).plus(newest.to())).isGreaterThanOrEqualTo(written);
      assertThat(newest.to()).isLessThan(SEGMENT);
    }
    dropSlot("quiet");
  }

  @Test
  void whatAServerWroteBeforeItCameToRestWaitsHalfAsLong() throws Exception {
    var options = new WalOptions("rest", Acknowledge.REPOSITORY, Duration.ofSeconds(10), 1 << 30);
    try (WalReceiver receiver = fixture.start(source, options)) {
      fixture.awaitDurable(receiver, source);
      long begunNanos = System.nanoTime();
      source.sql("INSERT INTO t VALUES ('one')");
      fixture.awaitDurable(receiver, source);
      assertThat(Duration.ofNanos(System.nanoTime() - begunNanos))
          .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
    }
    dropSlot("rest");
  }

  @Test
  void theRecoveryPointOfAQuietServerStaysYoung(@TempDir Path usualFolder) throws Exception {
    // One that has the usual wal_sender_timeout, and so does not speak by itself.
    try (SourceCluster usual = SourceCluster.start(usualFolder, Map.of());
        WalReceiver receiver = fixture.start(usual, options("young", Acknowledge.REPOSITORY))) {
      fixture.awaitDurable(receiver, usual);
      for (int move = 0; move < 3; move++) {
        await("a recovery point", () -> receiver.status().recoveryPoint().isPresent());
        Instant before = recoveryPoint(receiver);
        await("the next recovery point", () -> recoveryPoint(receiver).isAfter(before));
        assertThat(Duration.between(before, Instant.now()))
            .as("how old the one before got")
            .isLessThan(Duration.ofSeconds(6));
      }
    }
  }

  private static Instant recoveryPoint(WalReceiver receiver) {
    return receiver.status().recoveryPoint().orElseThrow().serverTime();
  }

  @Test
  void theNextReceiverGoesOnWhereTheOneBeforeStopped() throws Exception {
    for (int round = 0; round < 3; round++) {
      try (WalReceiver receiver = fixture.start(source, options("again", Acknowledge.LOCAL))) {
        source.sql(WRITE);
        if (round == 2) {
          fixture.awaitDurable(receiver, source);
        }
      }
      source.sql("INSERT INTO t VALUES ('between')");
    }
    assertWhole();
    dropSlot("again");
  }

  @Test
  void anEmptySpoolGoesOnWhereTheRepositoryEnds() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("anew", Acknowledge.REPOSITORY))) {
      source.sql(WRITE);
      fixture.awaitDurable(receiver, source);
    }
    int before = fixture.archive(source).list().pieces().size();
    source.sql(WRITE);
    try (var files = Files.list(fixture.spool)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (WalReceiver receiver = fixture.start(source, options("anew", Acknowledge.REPOSITORY))) {
      fixture.awaitDurable(receiver, source);
      assertThat(receiver.status().gap()).isEmpty();
    }
    assertThat(fixture.archive(source).list().pieces()).hasSizeGreaterThan(before);
    assertWhole();
    dropSlot("anew");
  }

  /** One range without a gap, of the right bytes. */
  private void assertWhole() throws Exception {
    assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(1);
    assertThat(fixture.compare(source, SEGMENT)).isPositive();
  }

  @Test
  void aStoreThatIsAwayUnderLoadCostsNothing() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("away", Acknowledge.REPOSITORY))) {
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
      fixture.store.away(true);
      source.sql(WRITE, WRITE);
      await("told", () -> fixture.wasTold(StallReason.BUCKET_AWAY));
      assertThat(receiver.status().state()).isEqualTo(WalState.STALLED);
      assertThat(receiver.status().reason()).contains(StallReason.BUCKET_AWAY);
      assertThat(receiver.status().lastError()).get().asString().contains("The store is away");
      source.sql(WRITE);
      fixture.store.away(false);
      fixture.awaitDurable(receiver, source);
      await("flows again", () -> receiver.status().state() == WalState.STREAMING);
      assertThat(receiver.status().unshippedBytes()).isLessThan(SEGMENT);
    }
    assertWhole();
    dropSlot("away");
  }

  @Test
  void aSlowStoreStopsTheStreamAtTheBudgetAndTheServerStaysConnected() throws Exception {
    var small = new WalOptions("slow", Acknowledge.REPOSITORY, WalFixture.FLUSH, 2L << 20);
    try (WalReceiver receiver = fixture.start(source, small)) {
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
      fixture.store.hold();
      String session = session();
      source.sql(WRITE, WRITE, WRITE);
      await("told", () -> fixture.wasTold(StallReason.SPOOL_OVER_BUDGET));
      assertThat(fixture.events).anyMatch(event -> event.sentence().contains("half of its budget"));
      long until = System.nanoTime() + Duration.ofMillis(2500).toNanos();
      await("longer than wal_sender_timeout", () -> System.nanoTime() > until);
      assertThat(session()).as("the same session").isEqualTo(session);
      assertThat(receiver.status().state()).isEqualTo(WalState.STALLED);
      assertThat(receiver.status().unshippedBytes()).isLessThan(3L << 20);
      fixture.store.letGo();
      fixture.awaitDurable(receiver, source);
      assertThat(session()).as("the same session").isEqualTo(session);
    }
    assertWhole();
    dropSlot("slow");
  }

  private static String session() {
    return source.ask("SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'slow'");
  }

  @Test
  void aDroppedSlotIsTakenForAGapOnlyIfWalIsMissing() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("drop", Acknowledge.REPOSITORY))) {
      source.sql(WRITE);
      fixture.awaitDurable(receiver, source);
    }
    dropSlot("drop");
    source.sql("INSERT INTO t VALUES ('without a slot')");
    try (WalReceiver receiver = fixture.start(source, options("drop", Acknowledge.REPOSITORY))) {
      fixture.awaitDurable(receiver, source);
      assertThat(fixture.wasTold(WalState.SLOT_LOST)).isTrue();
      assertThat(receiver.status().gap()).as("the server still had it").isEmpty();
    }
    Lsn end = fixture.coverage(source, SEGMENT).end().orElseThrow().lsn();
    assertWhole();

    dropSlot("drop");
    for (int i = 0; i < 3; i++) {
      source.sql(WRITE, WRITE, "CHECKPOINT");
    }
    try (WalReceiver receiver = fixture.start(source, options("drop", Acknowledge.REPOSITORY))) {
      await("told", () -> fixture.wasTold(WalState.GAP));
      await("known", () -> receiver.status().gap().isPresent());
      WalGap gap = receiver.status().gap().orElseThrow();
      assertThat(receiver.status().state()).isEqualTo(WalState.GAP);
      assertThat(gap.from()).isGreaterThanOrEqualTo(end);
      assertThat(receiver.status().lastError()).get().asString().contains(gap.toString());
      fixture.awaitDurable(receiver, source);
    }
    assertThat(fixture.coverage(source, SEGMENT).ranges().get(1)).hasSize(2);
    try (WalReceiver receiver = fixture.start(source, options("drop", Acknowledge.REPOSITORY))) {
      assertThat(receiver.status().state()).as("after a restart too").isEqualTo(WalState.GAP);
      receiver.backupTaken();
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
    }
    dropSlot("drop");
  }

  @Test
  void aSlotThatTheServerGaveUpIsMadeAnewAndTheGapIsTold() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("lost", Acknowledge.REPOSITORY))) {
      fixture.awaitDurable(receiver, source);
    }
    source.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
    try {
      await(
          "the server gives it up",
          () -> {
            source.sql(WRITE, "CHECKPOINT");
            return source
                .ask("SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'lost'")
                .equals("lost");
          });
    } finally {
      source.sql("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
    }
    try (WalReceiver receiver = fixture.start(source, options("lost", Acknowledge.REPOSITORY))) {
      await("known", () -> receiver.status().gap().isPresent());
      fixture.awaitDurable(receiver, source);
      assertThat(receiver.status().state()).isEqualTo(WalState.GAP);
    }
    assertThat(fixture.events)
        .extracting(WalEvent::state)
        .containsSubsequence(WalState.SLOT_LOST, WalState.GAP, WalState.STREAMING);
    assertThat(fixture.compare(source, SEGMENT)).isPositive();
    dropSlot("lost");
  }

  @Test
  void theSlotOfAnotherIsNotTaken() throws Exception {
    try (WalReceiver receiver = fixture.start(source, options("mine", Acknowledge.LOCAL))) {
      await("stream", () -> receiver.status().state() == WalState.STREAMING);
      var other = new WalFixture(folder.resolve("other"));
      try (WalReceiver second = other.start(source, options("mine", Acknowledge.LOCAL))) {
        await("told", () -> other.wasTold(StallReason.SERVER_AWAY));
        assertThat(second.status().lastError()).get().asString().contains("is in use by");
      }
    }
    dropSlot("mine");
  }
}
