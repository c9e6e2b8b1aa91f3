package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the runs after this one find what it has stored, however it ends: each pack goes to the
 * journal as soon as it is durable, and every {@value #PACKS_A_SEGMENT} of them to an index segment
 * in the store, for whoever has not got the journal. Thread-safe.
 */
final class DurablePacks implements AutoCloseable {
  static final int PACKS_A_SEGMENT = 16;

  private static final Logger LOG = LoggerFactory.getLogger(DurablePacks.class);

  private final IndexSegments segments;
  private final RunJournal journal;
  private final List<IndexSegments.Pack> pending = new ArrayList<>();

  DurablePacks(IndexSegments segments, RunJournal journal) {
    this.segments = segments;
    this.journal = journal;
  }

  /** A pack is durable in the store. */
  void add(IndexSegments.Pack pack) {
    journal.append(pack);
    boolean enough;
    synchronized (this) {
      pending.add(pack);
      enough = pending.size() >= PACKS_A_SEGMENT;
    }
    if (enough) {
      publish();
    }
  }

  /**
   * Writes a segment of the packs that no segment names yet. When this returns, all that were added
   * before are named.
   */
  synchronized void publish() {
    if (!pending.isEmpty()) {
      segments.write(pending);
      pending.clear();
    }
  }

  /** The snapshot is in the log: nothing is left of an interrupted run. */
  void committed() {
    journal.forget();
  }

  /** After a run that failed, writes what it can; the journal keeps the rest. */
  @Override
  public void close() {
    try {
      publish();
    } catch (LifeboatException e) {
      LOG.warn(
          "event=index-segment-not-written packs={} reason={}", pending.size(), e.getMessage());
    }
  }
}
