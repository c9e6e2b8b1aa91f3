package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.WalFileName;
import io.lifeboat.postgres.WalSegmentHeader;
import io.lifeboat.repository.ContentHash;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.repository.WalTimes;
import io.lifeboat.repository.WalWriter;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Takes segments that are complete. One that goes on where the spool ends goes into the spool; one
 * that comes late, behind others, goes to the repository at once. For one thread at a time.
 */
final class PushedSegmentIntake {
  private static final Duration MOST_WAIT_FOR_ROOM = Duration.ofSeconds(10);

  private final PostgresServer server;
  private final WalOptions options;
  private final WalSpool spool;
  private final WalDestination destination;
  private final ReceiverState state;
  private final PushedSegments known;
  private final BudgetAlarm alarm;

  PushedSegmentIntake(
      PostgresServer server,
      WalOptions options,
      WalSpool spool,
      WalDestination destination,
      ReceiverState state,
      PushedSegments known) {
    this.server = server;
    this.options = options;
    this.spool = spool;
    this.destination = destination;
    this.state = state;
    this.known = known;
    this.alarm = new BudgetAlarm(options.spoolBudgetBytes(), state);
  }

  /** A segment on its way in. */
  private record Arriving(
      String file, WalPosition position, PushedBytes bytes, Instant sentAt, long untilNanos) {
    Duration left() {
      return Duration.ofNanos(Math.max(0, untilNanos - System.nanoTime()));
    }
  }

  PushAnswer take(
      WalFileName.Segment name, PushRequest request, ReadableByteChannel bytes, long untilNanos)
      throws IOException, InterruptedException {
    int segmentBytes = spool.segmentBytes();
    if (request.lengthBytes() != segmentBytes) {
      return PushAnswer.refused(
          "it has "
              + request.lengthBytes()
              + " bytes, and a segment of this cluster has "
              + segmentBytes
              + ": it is cut short, or another cluster's");
    }
    var body = new PushedBytes(bytes, segmentBytes, Math.min(segmentBytes, WalArchive.MOST_BYTES));
    byte[] first = body.next();
    Optional<String> problem = problem(name, WalSegmentHeader.read(first), segmentBytes);
    if (problem.isPresent()) {
      return PushAnswer.refused(problem.get());
    }
    var position = new WalPosition(name.timeline(), name.start(segmentBytes).orElseThrow());
    Instant sentAt = Instant.EPOCH.plus(request.sentAtMicros(), ChronoUnit.MICROS);
    var arriving = new Arriving(request.name(), position, body, sentAt, untilNanos);
    Optional<String> here = isHere(position) ? digestOf(arriving) : Optional.empty();
    return here.isPresent() ? again(arriving, here.get()) : place(arriving, first);
  }

  /** What is wrong with a segment of this name that begins like this. */
  private Optional<String> problem(
      WalFileName.Segment name, Optional<WalSegmentHeader> header, int segmentBytes) {
    Optional<Lsn> start = name.start(segmentBytes);
    String cluster = spool.systemIdentifier().orElseThrow();
    if (header.isEmpty() || start.isEmpty()) {
      return Optional.of(
          "it does not begin as a segment of PostgreSQL's write-ahead log does: it is damaged, or"
              + " something else");
    }
    WalSegmentHeader is = header.get();
    if (!is.systemIdentifier().equals(cluster)) {
      return Optional.of(
          "it is of the cluster with system identifier "
              + is.systemIdentifier()
              + ", and this plan's is "
              + cluster
              + ". Give each cluster a source and a plan of its own: WAL of two is never mixed.");
    }
    if (is.segmentBytes() != segmentBytes) {
      return Optional.of(
          "it says that segments have "
              + is.segmentBytes()
              + " bytes, and this cluster's have "
              + segmentBytes);
    }
    // The first segment of a timeline begins with pages of the one before.
    boolean isOfTimeline = is.timeline() > 0 && is.timeline() <= name.timeline();
    return is.start().equals(start.get()) && isOfTimeline
        ? Optional.empty()
        : Optional.of(
            "its first page is of "
                + is.start()
                + " on timeline "
                + is.timeline()
                + ", and its name says "
                + start.get()
                + " on timeline "
                + name.timeline()
                + ": it is damaged, or was renamed");
  }

  private boolean isHere(WalPosition segment) {
    Lsn end = segment.lsn().plus(spool.segmentBytes());
    return spool
        .position()
        .filter(have -> have.timeline() == segment.timeline() && !have.lsn().isBefore(end))
        .isPresent();
  }

  /** What is known of a segment that came before: what was remembered, or is in the spool. */
  private Optional<String> digestOf(Arriving segment) {
    Optional<String> remembered = known.digestOf(segment.file());
    if (remembered.isPresent()) {
      return remembered;
    }
    int block = Math.min(spool.segmentBytes(), WalArchive.MOST_BYTES);
    var hash = new ContentHash();
    for (int at = 0; at < spool.segmentBytes(); at += block) {
      var from = new WalPosition(segment.position().timeline(), segment.position().lsn().plus(at));
      Optional<byte[]> held = spool.held(from, block);
      if (held.isEmpty()) {
        return Optional.empty();
      }
      hash.bytes(ByteBuffer.wrap(held.get()));
    }
    return Optional.of(HexFormat.of().formatHex(hash.done()));
  }

  private PushAnswer again(Arriving segment, String expected)
      throws IOException, InterruptedException {
    while (segment.bytes().hasNext()) {
      segment.bytes().next();
    }
    return segment.bytes().digest().equals(expected) ? acknowledged(segment) : otherBytes();
  }

  private static PushAnswer otherBytes() {
    return PushAnswer.refused(
        "a segment of this name with other bytes was taken before. Two servers hand their WAL over"
            + " to this plan, such as a copy of the cluster that was started with its"
            + " archive_command, or one was set back. What was taken first is kept; give the right"
            + " one a plan of its own.");
  }

  private PushAnswer place(Arriving segment, byte[] first)
      throws IOException, InterruptedException {
    TimelineHistory way = PushIntake.way(segment.position().timeline(), spool, server);
    Optional<WalPosition> have =
        spool.position().or(() -> PushIntake.archived(coverage(), segment.position()));
    Optional<TimelineHistory> ours = have.flatMap(at -> spool.history(at.timeline()));
    PushPlace place = PushPlace.of(have, ours, segment.position(), way, spool.segmentBytes());
    if (place instanceof PushPlace.Late) {
      return late(segment, first);
    }
    if (!hasRoom(segment)) {
      return noRoom();
    }
    if (place instanceof PushPlace.Behind behind) {
      tellGap(behind.gap());
    }
    Instant before =
        have.filter(at -> at.timeline() == segment.position().timeline())
            .flatMap(at -> spool.times())
            .map(WalTimes::completeAt)
            .orElse(Instant.EPOCH);
    append(segment, first, before);
    return acknowledged(segment);
  }

  private WalCoverage coverage() {
    String cluster = spool.systemIdentifier().orElseThrow();
    return WalCoverage.of(destination.archive(cluster).list().pieces(), spool.segmentBytes());
  }

  private boolean hasRoom(Arriving segment) throws InterruptedException {
    long most = Math.max(1, options.spoolBudgetBytes() - spool.segmentBytes() + 1);
    Duration half = segment.left().dividedBy(2);
    return spool.awaitRoom(
        most, half.compareTo(MOST_WAIT_FOR_ROOM) < 0 ? half : MOST_WAIT_FOR_ROOM);
  }

  private PushAnswer noRoom() {
    String sentence =
        "the spool holds its budget of "
            + (options.spoolBudgetBytes() >> 20)
            + " MiB of WAL that is not stored. The server keeps the rest: watch its disk.";
    state.streamStalled(StallReason.SPOOL_OVER_BUDGET, sentence);
    return PushAnswer.later(sentence);
  }

  /** Recorded before anything behind it is: a crash in between must not hide it. */
  private void tellGap(WalGap gap) {
    Optional<WalGap> before = spool.gap();
    if (before.filter(one -> one.to().equals(gap.to())).isPresent()) {
      return;
    }
    WalGap all = before.map(one -> new WalGap(one.timeline(), one.from(), gap.to())).orElse(gap);
    spool.gap(Optional.of(all));
    state.gap(
        "WAL from "
            + gap
            + " was not handed over, and what is behind it was: no moment in it can be restored,"
            + " and nothing behind it until a new full backup was taken.");
  }

  private void append(Arriving segment, byte[] first, Instant before) throws IOException {
    int segmentBytes = spool.segmentBytes();
    var times = new SegmentTimes(segmentBytes, segment.sentAt(), before);
    boolean done = false;
    spool.begin(segment.position());
    try {
      byte[] block = first;
      Lsn at = segment.position().lsn();
      while (true) {
        WalTimes when = times.look(at, block);
        spool.write(block, when);
        at = at.plus(block.length);
        if (!segment.bytes().hasNext()) {
          observe(at, when);
          break;
        }
        block = segment.bytes().next();
      }
      spool.sync();
      done = true;
    } finally {
      if (!done) {
        spool.rewind();
      }
    }
    known.remember(segment.file(), segment.bytes().digest());
    tellIfBroken(segment, times);
    alarm.look(spool.unshippedBytes());
  }

  private void observe(Lsn end, WalTimes times) {
    state.serverEnd(end);
    if (times.completeAt().isAfter(Instant.EPOCH)) {
      spool.observe(end, times.completeAt());
    }
  }

  private void tellIfBroken(Arriving segment, SegmentTimes times) {
    if (!times.isSound()) {
      state.notice(
          "Segment "
              + segment.file()
              + " was taken as the server has it, and cannot be read beyond "
              + times.soundUpTo()
              + ": a recovery may end there. Take a full backup, and see whether the server's disk"
              + " is sound; of a PostgreSQL that is newer than this Lifeboat nothing is said by"
              + " it.");
    }
  }

  /** What comes behind others is no part of the spool's stretch. */
  private PushAnswer late(Arriving segment, byte[] first) throws IOException {
    WalWriter writer = destination.writer(spool.systemIdentifier().orElseThrow());
    int segmentBytes = spool.segmentBytes();
    var times = new SegmentTimes(segmentBytes, segment.sentAt(), Instant.EPOCH);
    Optional<String> before = known.digestOf(segment.file());
    byte[] block = first;
    int from = 0;
    while (true) {
      WalTimes when = times.look(segment.position().lsn().plus(from), block);
      long number = segment.position().lsn().segment(segmentBytes);
      var piece = new WalPiece(segment.position().timeline(), number, from, from + block.length);
      writer.store(piece, when, block);
      from += block.length;
      if (!segment.bytes().hasNext()) {
        break;
      }
      block = segment.bytes().next();
    }
    String digest = segment.bytes().digest();
    if (before.filter(one -> !one.equals(digest)).isPresent()) {
      return otherBytes();
    }
    known.remember(segment.file(), digest);
    state.notice("Segment " + segment.file() + " came behind others; it is in the repository.");
    return PushAnswer.taken("");
  }

  private PushAnswer acknowledged(Arriving segment) throws InterruptedException {
    if (options.acknowledge() == WalOptions.Acknowledge.LOCAL) {
      return PushAnswer.taken("");
    }
    var end =
        new WalPosition(
            segment.position().timeline(), segment.position().lsn().plus(spool.segmentBytes()));
    return spool.awaitStored(end, segment.left()) ? PushAnswer.taken("") : notStoredYet(state);
  }

  static PushAnswer notStoredYet(ReceiverState state) {
    return PushAnswer.later(
        "it is on this host's disk, and not in the repository yet, as the plan wants it"
            + (state.isBucketAway()
                ? ": the store does not take what it is given; see the service's log"
                : "; the store is slow"));
  }
}
