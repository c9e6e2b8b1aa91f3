package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.wal.WalStatus.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Knows up to when everything that was committed is durable: a server that says at some time that
 * its log ends at some position has committed nothing before that time which lies behind it. When a
 * message was sent is not enough, as WAL that was written long ago may be sent now. Guarded by its
 * owner.
 */
final class RecoveryClock {
  /** Closer observations are not told apart, so that a long outage takes little memory. */
  private static final Duration GRAIN = Duration.ofSeconds(1);

  private final Deque<Observation> waiting = new ArrayDeque<>();
  private Optional<RecoveryPoint> point = Optional.empty();

  private record Observation(Lsn end, RecoveryPoint point) {}

  /** The server's log ended here at this time. */
  void observe(Lsn end, Instant serverTime, Instant ourTime) {
    Observation newest = waiting.peekLast();
    if (newest != null && end.isBefore(newest.end())) {
      return;
    }
    // The newest is always kept: it may be the last for long.
    if (newest != null && (newest.end().equals(end) || isCloseToTheOneBefore())) {
      waiting.removeLast();
    }
    waiting.addLast(new Observation(end, new RecoveryPoint(serverTime, ourTime)));
  }

  private boolean isCloseToTheOneBefore() {
    Iterator<Observation> newestFirst = waiting.descendingIterator();
    Instant newest = newestFirst.next().point().ourTime();
    return newestFirst.hasNext()
        && newest.isBefore(newestFirst.next().point().ourTime().plus(GRAIN));
  }

  /** All before this is durable. */
  void durable(Lsn position) {
    while (!waiting.isEmpty() && !position.isBefore(waiting.getFirst().end())) {
      point = Optional.of(waiting.removeFirst().point());
    }
  }

  /** The positions before do not compare with those to come. */
  void restart() {
    waiting.clear();
  }

  Optional<RecoveryPoint> point() {
    return point;
  }
}
