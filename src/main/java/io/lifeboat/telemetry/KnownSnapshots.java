package io.lifeboat.telemetry;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Engines;
import io.lifeboat.repository.SnapshotInfo;
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
  private volatile List<SnapshotInfo> known = List.of();

  /** Knows none until {@link #refresh}. */
  public KnownSnapshots(Engines engines) {
    this.engines = engines;
  }

  /**
   * Lists them again. If that fails, what was known stays: an old truth is better than a sudden
   * zero.
   */
  public void refresh() {
    try {
      known = List.copyOf(engines.snapshots(Optional.empty()));
    } catch (LifeboatException e) {
      LOG.warn("event=snapshots-unreadable code={} message={}", e.code(), e.getMessage());
    }
  }

  /** Newest first. */
  List<SnapshotInfo> list() {
    return known;
  }
}
