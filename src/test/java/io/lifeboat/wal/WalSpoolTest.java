package io.lifeboat.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.repository.WalTimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalSpoolTest {
  private static final int SEGMENT = 1 << 20;
  private static final WalTimes SENT =
      new WalTimes(Instant.parse("2026-01-31T02:00:00.123456Z"), Instant.EPOCH);
  private static final Lsn START = new Lsn(5L * SEGMENT);

  @TempDir Path folder;

  private WalSpool open() {
    return WalSpool.open(folder.resolve("spool"), Duration.ofHours(1), Clock.systemUTC());
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static List<Shipment> takeAll(WalSpool spool) throws Exception {
    var all = new ArrayList<Shipment>();
    for (Optional<Shipment> one = spool.take(Duration.ZERO);
        one.isPresent();
        one = spool.take(Duration.ZERO)) {
      all.add(one.get());
    }
    return all;
  }

  private static WalPiece pieceOf(Shipment shipment) {
    return ((Shipment.Piece) shipment).piece();
  }

  private WalSpool begun() {
    WalSpool spool = open();
    spool.claim("7", SEGMENT);
    spool.begin(new WalPosition(2, START));
    return spool;
  }

  @Test
  void whatWasSyncedIsThereForTheNextAndWhatWasNotIsReceivedAgain() throws Exception {
    byte[] first = bytes(SEGMENT + 1000);
    try (WalSpool spool = begun()) {
      spool.write(first, SENT);
      spool.sync();
      spool.write(bytes(77), SENT);
    }
    try (WalSpool spool = open()) {
      var end = new WalPosition(2, START.plus(first.length));
      assertThat(spool.position()).contains(end);
      assertThat(spool.goesOnAt(end)).isTrue();
      spool.begin(end);
      spool.hurry();
      List<Shipment> all = takeAll(spool);
      assertThat(all)
          .extracting(WalSpoolTest::pieceOf)
          .containsExactly(new WalPiece(2, 5, 0, SEGMENT), new WalPiece(2, 6, 0, 1000));
      assertThat(spool.read((Shipment.Piece) all.getFirst()))
          .isEqualTo(java.util.Arrays.copyOf(first, SEGMENT));
      assertThat(((Shipment.Piece) all.getLast()).times()).isEqualTo(SENT);
    }
  }

  @Test
  void durableIsWhatIsStoredWithAllBeforeItAndFilesGoWithTheirSegment() throws Exception {
    try (WalSpool spool = begun()) {
      spool.write(bytes(3 * SEGMENT + 10), SENT);
      spool.sync();
      List<Shipment> all = takeAll(spool);
      assertThat(all).as("the last ten bytes may wait").hasSize(3);
      spool.stored(all.get(2));
      spool.stored(all.get(1));
      assertThat(spool.extent().orElseThrow().durable()).isEqualTo(START);
      spool.settle();
      assertThat(segments()).hasSize(4);
      spool.stored(all.get(0));
      assertThat(spool.extent().orElseThrow().durable()).isEqualTo(START.plus(3L * SEGMENT));
      assertThat(spool.unshippedBytes()).isEqualTo(10);
      spool.settle();
      assertThat(segments()).hasSize(1);
      spool.hurry();
      assertThat(takeAll(spool))
          .extracting(WalSpoolTest::pieceOf)
          .containsExactly(new WalPiece(2, 8, 0, 10));
    }
  }

  private List<String> segments() throws Exception {
    try (var files = Files.list(folder.resolve("spool"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{8}-.*"))
          .toList();
    }
  }

  @Test
  void aHistoryIsStoredBeforeAnythingOfItsTimeline() throws Exception {
    try (WalSpool spool = begun()) {
      spool.putHistory(2, "1\t0/300000\tr\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      spool.write(bytes(SEGMENT), SENT);
      spool.sync();
      List<Shipment> first = takeAll(spool);
      assertThat(first).containsExactly(new Shipment.History(2));
      spool.stored(first.getFirst());
      assertThat(takeAll(spool)).hasSize(1);
    }
  }

  @Test
  void anEndedTimelineIsStoredToItsLastByteAndForgotten() throws Exception {
    try (WalSpool spool = begun()) {
      spool.write(bytes(10), SENT);
      spool.sync();
      assertThat(takeAll(spool)).isEmpty();
      spool.endTimeline(2);
      spool.begin(new WalPosition(3, START));
      List<Shipment> tail = takeAll(spool);
      assertThat(tail).extracting(WalSpoolTest::pieceOf).containsExactly(new WalPiece(2, 5, 0, 10));
      spool.stored(tail.getFirst());
      spool.write(bytes(20), SENT);
      spool.sync();
      assertThat(segments()).hasSize(1);
    }
    try (WalSpool spool = open()) {
      assertThat(spool.position()).contains(new WalPosition(3, START.plus(20)));
    }
  }

  @Test
  void aFileThatSomebodyRemovedIsNotTakenForReceived() throws Exception {
    try (WalSpool spool = begun()) {
      spool.write(bytes(2 * SEGMENT), SENT);
      spool.sync();
    }
    for (String name : segments()) {
      if (name.endsWith("6")) {
        Files.delete(folder.resolve("spool").resolve(name));
      }
    }
    try (WalSpool spool = open()) {
      assertThat(spool.position()).contains(new WalPosition(2, START.plus(SEGMENT)));
    }
  }

  @Test
  void aGapIsRemembered() {
    var gap = new WalGap(1, new Lsn(5), new Lsn(7));
    try (WalSpool spool = begun()) {
      spool.gap(Optional.of(gap));
    }
    try (WalSpool spool = open()) {
      assertThat(spool.gap()).contains(gap);
      spool.gap(Optional.empty());
    }
    try (WalSpool spool = open()) {
      assertThat(spool.gap()).isEmpty();
    }
  }

  @Test
  void aFolderIsForOneProcessAndOneCluster() {
    try (WalSpool spool = begun()) {
      assertThatThrownBy(this::open)
          .isInstanceOfSatisfying(
              LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_BUSY));
      assertThatThrownBy(() -> spool.claim("8", SEGMENT)).hasMessageContaining("another cluster");
    }
  }

  @Test
  void aStateThatIsCutShortIsRefused() throws Exception {
    begun().close();
    try (WalSpool spool = open()) {
      spool.claim("7", SEGMENT);
      spool.settle();
    }
    Path state = folder.resolve("spool").resolve("state");
    byte[] whole = Files.readAllBytes(state);
    Files.write(state, java.util.Arrays.copyOf(whole, whole.length - 2));
    assertThatThrownBy(this::open)
        .isInstanceOf(LifeboatException.class)
        .hasMessageContaining("cut short");
  }
}
