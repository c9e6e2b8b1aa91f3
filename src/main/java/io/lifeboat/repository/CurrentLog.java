package io.lifeboat.repository;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The log as it was read last, for whoever reads packs while somebody prunes. A pack is deleted
 * only behind the entries that say who needs it no longer and where its chunks have gone: whoever
 * misses one reads the log again before it calls the pack missing. Thread-safe.
 */
final class CurrentLog {
  private final Supplier<CommitLog.View> read;
  private final Set<PackId> missed = new HashSet<>();
  private State state;

  /**
   * A log.
   *
   * @param view as it was read first
   * @param read reads it again
   */
  CurrentLog(CommitLog.View view, Supplier<CommitLog.View> read) {
    this.state = State.of(view);
    this.read = read;
  }

  /** A log, and what it says of snapshots and packs: folded once, and asked for each snapshot. */
  record State(CommitLog.View view, PackFates fates, Relocations relocations) {
    private static State of(CommitLog.View view) {
      return new State(view, PackFates.of(view), Relocations.of(view));
    }
  }

  /** As it was read last. */
  synchronized State now() {
    return state;
  }

  /**
   * The log as it was read after all of these packs were found missing. It is read once for each
   * pack at most: what the log says of a missing one does not change any more. If it was not read
   * again, the answer is the one before.
   */
  synchronized State without(Collection<PackRef> missing) {
    if (missed.addAll(missing.stream().map(PackRef::id).toList())) {
      state = State.of(read.get());
    }
    return state;
  }

  /** Whether a snapshot is part of the repository, as far as is known. */
  boolean isLive(LogRecord.Snapshot entry) {
    return now().fates().isLive(entry);
  }
}
