package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SlotFacts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of a receiver, and who is told when it changes. The stream and the store stall each
 * for itself; a gap stands above both. Thread-safe.
 */
final class ReceiverState {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiverState.class);

  private final String slotName;
  private final Clock clock;
  private final Consumer<WalEvent> listener;
  private WalState stream = WalState.CONNECTING;
  private Optional<StallReason> streamStall = Optional.empty();
  private boolean bucketAway;
  private boolean gap;
  private Instant since;
  private WalState shown = WalState.CONNECTING;
  private Optional<String> lastError = Optional.empty();
  private final CountDownLatch slotSeen = new CountDownLatch(1);
  private Optional<SlotFacts> slot = Optional.empty();
  private Lsn serverEnd = new Lsn(0);

  ReceiverState(String slotName, Clock clock, Consumer<WalEvent> listener) {
    this.slotName = slotName;
    this.clock = clock;
    this.listener = listener;
    this.since = clock.instant();
  }

  /** The stream goes on. */
  void stream(WalState state, String sentence) {
    boolean changed;
    synchronized (this) {
      changed = stream != state || streamStall.isPresent();
      stream = state;
      streamStall = Optional.empty();
      look();
    }
    if (changed) {
      tell(state, Optional.empty(), sentence);
    }
  }

  /** The stream does not go on. */
  void streamStalled(StallReason reason, String sentence) {
    boolean changed;
    synchronized (this) {
      changed = !streamStall.equals(Optional.of(reason));
      stream = WalState.STALLED;
      streamStall = Optional.of(reason);
      lastError = Optional.of(sentence);
      look();
    }
    if (changed) {
      tell(WalState.STALLED, Optional.of(reason), sentence);
    }
  }

  /** Whether WAL flows, as far as the server is concerned. */
  synchronized boolean streams() {
    return stream == WalState.CATCHING_UP || stream == WalState.STREAMING;
  }

  /** The store does not take what it is given. */
  void bucketAway(String sentence) {
    boolean changed;
    synchronized (this) {
      changed = !bucketAway;
      bucketAway = true;
      lastError = Optional.of(sentence);
      look();
    }
    if (changed) {
      tell(WalState.STALLED, Optional.of(StallReason.BUCKET_AWAY), sentence);
    }
  }

  /** The store took something. */
  void bucketBack() {
    WalState state;
    synchronized (this) {
      if (!bucketAway) {
        return;
      }
      bucketAway = false;
      state = stream;
      look();
    }
    tell(state, Optional.empty(), "The store takes WAL again.");
  }

  synchronized boolean isBucketAway() {
    return bucketAway;
  }

  /** The server gave up the slot. */
  void slotLost(String sentence) {
    synchronized (this) {
      stream = WalState.SLOT_LOST;
      streamStall = Optional.empty();
      lastError = Optional.of(sentence);
      look();
    }
    tell(WalState.SLOT_LOST, Optional.empty(), sentence);
  }

  /** WAL is missing. */
  void gap(String sentence) {
    synchronized (this) {
      gap = true;
      lastError = Optional.of(sentence);
      look();
    }
    tell(WalState.GAP, Optional.empty(), sentence);
  }

  /** What is missing is not needed any more. */
  void gapEnded() {
    WalState state;
    synchronized (this) {
      if (!gap) {
        return;
      }
      gap = false;
      look();
      state = shown;
    }
    tell(state, Optional.empty(), "A full backup was taken behind the gap.");
  }

  /** Something that changes no state. */
  void notice(String sentence) {
    WalState state;
    synchronized (this) {
      state = shown;
    }
    tell(state, Optional.empty(), sentence);
  }

  synchronized void slot(Optional<SlotFacts> facts) {
    slot = facts;
    if (facts.isPresent()) {
      // While the spool is full the stream says nothing of what the server writes.
      serverEnd = facts.get().serverEnd();
      slotSeen.countDown();
    }
  }

  /** Waits until the server is known to have the slot; answers whether it is by then. */
  boolean awaitSlot(Duration patience) {
    try {
      return slotSeen.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  synchronized void serverEnd(Lsn end) {
    serverEnd = end;
  }

  private void look() {
    WalState now = stream;
    if (gap) {
      now = WalState.GAP;
    } else if (bucketAway && stream != WalState.SLOT_LOST) {
      now = WalState.STALLED;
    }
    if (now != shown) {
      shown = now;
      since = clock.instant();
    }
  }

  private void tell(WalState state, Optional<StallReason> reason, String sentence) {
    LOG.debug(
        "event=wal-state slot={} state={}{} message={}",
        slotName,
        state,
        reason.map(why -> " reason=\"" + why + "\"").orElse(""),
        sentence);
    try {
      listener.accept(new WalEvent(clock.instant(), state, reason, sentence));
    } catch (RuntimeException e) {
      LOG.warn("event=wal-listener-failed slot={}", slotName, e);
    }
  }

  synchronized WalStatus status(WalSpool spool) {
    Optional<StallReason> bucket =
        bucketAway ? Optional.of(StallReason.BUCKET_AWAY) : Optional.empty();
    return new WalStatus(
        shown,
        streamStall.or(() -> bucket),
        since,
        spool
            .extent()
            .map(extent ->
                new WalStatus.Progress(
                    extent.timeline(),
                    extent.received(),
                    extent.flushed(),
                    extent.durable(),
                    Lsn.max(serverEnd, extent.received()))),
        spool.recoveryPoint(),
        spool.unshippedBytes(),
        slot,
        spool.gap(),
        lastError);
  }
}
