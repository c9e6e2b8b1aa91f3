package io.lifeboat.telemetry;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Engines;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots as they were last listed: a scrape must not wait for an object store. Thread-safe.
 */
public final class KnownSnapshots {
  private static final Logger LOG = LoggerFactory.getLogger(KnownSnapshots.class);

  private final Engines engines;
  private final Clock clock;
  private volatile Optional<List<Engines.Listed>> known = Optional.empty();

  /** Knows none until {@link #refresh}. */
  public KnownSnapshots(Engines engines, Clock clock) {
    this.engines = engines;
    this.clock = clock;
  }

  /**
   * Lists them again. If that fails, what was known stays: an old truth is better than a sudden
   * zero.
   */
  public void refresh() {
    try {
      known = Optional.of(List.copyOf(engines.listed(Optional.empty())));
    } catch (LifeboatException e) {
      LOG.warn("event=snapshots-unreadable code={} message={}", e.code(), e.getMessage());
    }
  }

  /** Newest first, with what their proofs are worth by now. */
  List<Engines.Listed> list() {
    Instant now = clock.instant();
    return known.orElse(List.of()).stream().map(listed -> listed.at(now)).toList();
  }

  /** Whether they were listed at all: before that, none is not the number of them. */
  boolean areKnown() {
    return known.isPresent();
  }
}
