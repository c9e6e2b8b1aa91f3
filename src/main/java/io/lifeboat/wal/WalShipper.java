package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.repository.WalWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what is in a spool, several pieces at once. What cannot be stored is tried again for ever.
 */
final class WalShipper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WalShipper.class);

  /** Sealing one piece takes a core while another one is on its way. */
  private static final int WORKERS = 3;

  private static final Duration LONGEST_GLANCE = Duration.ofMillis(200);
  private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(1);

  private static final Duration LONGEST_PUT = Duration.ofSeconds(30);

  private final WalSpool spool;
  private final WalDestination destination;
  private final ReceiverState state;
  private final Duration glance;
  private final List<Thread> workers = new ArrayList<>();
  private final Map<Shipment, Long> onTheirWay = new ConcurrentHashMap<>();
  private volatile boolean closing;

  WalShipper(
      WalSpool spool, WalDestination destination, ReceiverState state, Duration flushInterval) {
    this.spool = spool;
    this.destination = destination;
    this.state = state;
    Duration half = flushInterval.dividedBy(2);
    this.glance = half.compareTo(LONGEST_GLANCE) < 0 ? half : LONGEST_GLANCE;
  }

  void start() {
    for (int number = 0; number < WORKERS; number++) {
      workers.add(Thread.ofPlatform().daemon().name("wal-ship-" + number).start(this::work));
    }
  }

  private void work() {
    var backoff = new Backoff();
    while (!closing) {
      try {
        Optional<Shipment> next = spool.take(glance);
        if (next.isPresent()) {
          ship(next.get());
        }
        backoff.reset();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        if (closing) {
          return; // It was interrupted; the next one tidies up.
        }
        // The spool could not be tidied up, or something is wrong with us.
        LOG.error("event=wal-shipper-failed", e);
        state.notice("The WAL spool could not be tidied up: " + e);
        if (!pause(backoff.next())) {
          return;
        }
      }
    }
  }

  /** Returns once it is stored, or somebody closes. */
  private void ship(Shipment shipment) {
    var backoff = new Backoff();
    while (!closing) {
      onTheirWay.put(shipment, System.nanoTime());
      try {
        store(shipment);
        spool.stored(shipment);
        state.bucketBack();
        return;
      } catch (LifeboatException e) {
        if (closing || e.code() == ErrorCode.CANCELLED) {
          return;
        }
        state.bucketAway(e.getMessage() + ". " + e.hint());
      } catch (RuntimeException | Error e) {
        LOG.error("event=wal-shipment-failed shipment={}", shipment, e);
        state.bucketAway("WAL could not be stored: " + e);
      } finally {
        onTheirWay.remove(shipment);
      }
      if (!pause(backoff.next())) {
        return;
      }
    }
  }

  private void store(Shipment shipment) {
    WalWriter writer = destination.writer(spool.systemIdentifier().orElseThrow());
    switch (shipment) {
      case Shipment.History history ->
          writer.storeHistory(history.timeline(), spool.historyBytes(history.timeline()));
      case Shipment.Piece piece -> writer.store(piece.piece(), piece.times(), spool.read(piece));
    }
  }

  /** Tells of a store that neither takes what it is given nor refuses it. */
  void tellIfStuck() {
    long now = System.nanoTime();
    if (onTheirWay.values().stream().anyMatch(since -> now - since > LONGEST_PUT.toNanos())) {
      state.bucketAway(
          "The store has not answered for "
              + LONGEST_PUT.toSeconds()
              + " seconds. See that it runs, and that its network does; `lifeboat probe` asks it.");
    }
  }

  private boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Gives up what is on its way: it stays in the spool. */
  @Override
  public void close() {
    closing = true;
    workers.forEach(Thread::interrupt);
    long deadlineNanos = System.nanoTime() + LONGEST_FAREWELL.toNanos();
    for (Thread worker : workers) {
      try {
        worker.join(Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
