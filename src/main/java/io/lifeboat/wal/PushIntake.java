package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.ReplicationConnection;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.WalFileName;
import io.lifeboat.postgres.WalSettings;
import io.lifeboat.wal.push.PushAnswer;
import io.lifeboat.wal.push.PushRequest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes what a server's {@code archive_command} hands over, one file after the other: decides what
 * it is and answers what became of it. Thread-safe.
 */
final class PushIntake {
  private static final int MOST_HISTORY_BYTES = 4 << 20;

  private final PostgresServer server;
  private final WalOptions options;
  private final WalSpool spool;
  private final ReceiverState state;
  private final PushedSegmentIntake segments;
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private volatile boolean refusing;

  PushIntake(
      PostgresServer server,
      WalOptions options,
      WalSpool spool,
      ReceiverState state,
      PushedSegmentIntake segments) {
    this.server = server;
    this.options = options;
    this.spool = spool;
    this.state = state;
    this.segments = segments;
  }

  /** Waits until no file is being taken, or so long. */
  void awaitIdle(Duration most) throws InterruptedException {
    if (oneAtATime.tryLock(most.toMillis(), TimeUnit.MILLISECONDS)) {
      oneAtATime.unlock();
    }
  }

  /** Whether the newest file was not taken. */
  boolean isRefusing() {
    return refusing;
  }

  /**
   * Takes a file.
   *
   * @throws IOException if the bytes end before they are complete
   */
  PushAnswer take(PushRequest request, ReadableByteChannel bytes)
      throws IOException, InterruptedException {
    long untilNanos = System.nanoTime() + Duration.ofMillis(request.patienceMillis()).toNanos();
    if (!oneAtATime.tryLock(request.patienceMillis(), TimeUnit.MILLISECONDS)) {
      return PushAnswer.later("another file of this plan is being taken; it is tried again");
    }
    try {
      PushAnswer answer = answer(request, bytes, untilNanos);
      refusing = !answer.isTaken();
      if (answer.isTaken()) {
        state.stream(WalState.STREAMING, "What the server hands over is taken.");
      } else if (answer.outcome() == PushAnswer.Outcome.REFUSED) {
        state.streamStalled(StallReason.PUSH_REFUSED, request.name() + ": " + answer.sentence());
      }
      return answer;
    } finally {
      oneAtATime.unlock();
    }
  }

  private PushAnswer answer(PushRequest request, ReadableByteChannel bytes, long untilNanos)
      throws IOException, InterruptedException {
    Optional<WalFileName> name = WalFileName.parse(request.name());
    if (name.isEmpty()) {
      return PushAnswer.refused(
          "this is no name of a file that PostgreSQL archives. Give the %p of archive_command.");
    }
    try {
      claim();
      return switch (name.get()) {
        case WalFileName.Segment segment -> segments.take(segment, request, bytes, untilNanos);
        case WalFileName.History history -> history(history.timeline(), request, bytes, untilNanos);
        case WalFileName.Partial _ ->
            PushAnswer.taken(
                "not stored: the new timeline's first segment has the same records up to where it"
                    + " branched off, and what is behind that was given up by the promotion");
        case WalFileName.BackupNote _ ->
            PushAnswer.taken("not stored: each of Lifeboat's snapshots has its own label");
      };
    } catch (LifeboatException e) {
      return failed(e);
    }
  }

  private PushAnswer failed(LifeboatException e) {
    String sentence = e.getMessage() + ". " + e.hint();
    StallReason reason =
        switch (e.code()) {
          case STORE_UNREACHABLE, STORE_DENIED, BUCKET_MISSING -> StallReason.BUCKET_AWAY;
          case IO_FAILED, DISK_FULL -> StallReason.SPOOL_FAILED;
          default -> StallReason.SERVER_AWAY;
        };
    if (e instanceof PermanentException && reason == StallReason.SERVER_AWAY) {
      return PushAnswer.refused(sentence);
    }
    state.streamStalled(reason, sentence);
    return PushAnswer.later(sentence);
  }

  /** Whose WAL belongs here is asked of the server that the plan names, not of who comes first. */
  private void claim() {
    if (spool.systemIdentifier().isPresent()) {
      return;
    }
    WalSettings settings = WalSettings.of(server);
    try (var connection = ReplicationConnection.openForWal(server.address())) {
      spool.claim(connection.identifySystem().systemIdentifier(), settings.segmentBytes());
    }
  }

  private PushAnswer history(
      int timeline, PushRequest request, ReadableByteChannel bytes, long untilNanos)
      throws IOException, InterruptedException {
    if (request.lengthBytes() > MOST_HISTORY_BYTES) {
      return PushAnswer.refused("it has " + request.lengthBytes() + " bytes: this is no history");
    }
    ByteBuffer file = ByteBuffer.allocate((int) request.lengthBytes());
    while (file.hasRemaining()) {
      if (bytes.read(file) < 0) {
        throw new EOFException("it ended " + file.remaining() + " bytes before its end");
      }
    }
    TimelineHistory.parse(timeline, file.array());
    if (spool.history(timeline).isPresent()
        && !Arrays.equals(spool.historyBytes(timeline), file.array())) {
      return PushAnswer.refused(
          "timeline "
              + timeline
              + " is known here with another history: two clusters hand their WAL over to this"
              + " plan, or one was set back. Give the one that is right a source and a plan of its"
              + " own.");
    }
    if (spool.history(timeline).isEmpty()) {
      spool.putHistory(timeline, file.array());
      state.notice("The server was promoted: timeline " + timeline + " begins.");
    }
    boolean durable =
        options.acknowledge() == WalOptions.Acknowledge.LOCAL
            || spool.awaitHistory(timeline, Duration.ofNanos(untilNanos - System.nanoTime()));
    return durable ? PushAnswer.taken("") : PushedSegmentIntake.notStoredYet(state);
  }

  /** The history of a timeline: pushed before its segments, or else asked of the server. */
  static TimelineHistory way(int timeline, WalSpool spool, PostgresServer server) {
    if (timeline == 1) {
      return TimelineHistory.first();
    }
    if (spool.history(timeline).isEmpty()) {
      try (var connection = ReplicationConnection.openForWal(server.address())) {
        byte[] file =
            connection
                .timelineHistory(timeline)
                .orElseThrow(() ->
                    new TransientException(
                        ErrorCode.WAL_STREAM_FAILED,
                        "The history of timeline " + timeline + " was not handed over",
                        "Push it first: it is in the server's pg_wal."));
        TimelineHistory.parse(timeline, file);
        spool.putHistory(timeline, file);
      }
    }
    return spool.history(timeline).orElseThrow();
  }

  /** How far one gets with what the repository has, for a host whose spool is empty. */
  static Optional<WalPosition> archived(WalCoverage coverage, WalPosition segment) {
    Lsn before = segment.lsn().plus(-1);
    boolean touches =
        coverage.rangeAt(segment).isPresent()
            || (segment.lsn().position() != 0
                && coverage.rangeAt(new WalPosition(segment.timeline(), before)).isPresent());
    return touches ? Optional.of(segment) : coverage.end();
  }
}
