package io.lifeboat.operation;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Operation.Phase;
import io.lifeboat.progress.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the engine of one operation. Counting is cheap and without locks; the database hears
 * of it at most once a second, and whenever a phase changes.
 */
final class OperationProgress implements Progress {
  private static final Logger LOG = LoggerFactory.getLogger(OperationProgress.class);
  private static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

  private final String operation;
  private final OperationStore store;
  private final Clock clock;
  private final AtomicLong lastWriteMs = new AtomicLong();
  private volatile Counters current;
  private volatile boolean cancelled;

  OperationProgress(String operation, OperationStore store, Clock clock) {
    this.operation = operation;
    this.store = store;
    this.clock = clock;
    current = new Counters(0, "prepare", now());
  }

  @Override
  public synchronized void phase(String name) {
    Counters before = current;
    if (before.entered && before.name.equals(name)) {
      return;
    }
    Instant now = now();
    if (!before.isUntouched()) {
      keep(() -> store.savePhase(operation, before.position, before.phase(Optional.of(now))));
    }
    current = new Counters(before.isUntouched() ? before.position : before.position + 1, name, now);
    current.entered = true;
    save();
  }

  @Override
  public void expect(long bytes) {
    current.expectedBytes = bytes;
  }

  @Override
  public void advance(long bytes, long items) {
    Counters counters = current;
    counters.bytes.add(bytes);
    counters.items.add(items);
    long nowMs = clock.millis();
    long lastMs = lastWriteMs.get();
    if (nowMs - lastMs >= BETWEEN_WRITES.toMillis() && lastWriteMs.compareAndSet(lastMs, nowMs)) {
      save();
    }
  }

  @Override
  public void event(String sentence) {
    keep(() -> store.addEvent(operation, now(), sentence));
  }

  @Override
  public void checkCancelled() {
    if (cancelled) {
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "Operation " + operation + " was asked to stop",
          "Start it again when you want its result.");
    }
  }

  /** Asks the engine to stop at its next {@link #checkCancelled}. */
  void cancel() {
    cancelled = true;
  }

  /** Writes what was counted so far. */
  synchronized void save() {
    Counters counters = current;
    if (!counters.isUntouched()) {
      keep(() -> store.savePhase(operation, counters.position, counters.phase(Optional.empty())));
    }
  }

  /**
   * A history that cannot be written must not cost a backup: it is told in the log, and the work
   * goes on.
   */
  private void keep(Runnable write) {
    try {
      write.run();
    } catch (JdbiException e) {
      LOG.warn("event=history-not-written id={}", operation, e);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /**
   * What is counted in one phase. The one before the first named phase is kept only if something is
   * counted in it.
   */
  private static final class Counters {
    private final int position;
    private final String name;
    private final Instant started;
    private final LongAdder bytes = new LongAdder();
    private final LongAdder items = new LongAdder();
    private volatile long expectedBytes;
    private volatile boolean entered;

    Counters(int position, String name, Instant started) {
      this.position = position;
      this.name = name;
      this.started = started;
    }

    boolean isUntouched() {
      return !entered && bytes.sum() == 0 && items.sum() == 0;
    }

    Phase phase(Optional<Instant> ended) {
      return new Phase(name, started, ended, expectedBytes, bytes.sum(), items.sum());
    }
  }
}
