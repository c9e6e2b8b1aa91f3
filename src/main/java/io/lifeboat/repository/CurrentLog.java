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
  private CommitLog.View view;

  /**
   * A log.
   *
   * @param view as it was read first
   * @param read reads it again
   */
  CurrentLog(CommitLog.View view, Supplier<CommitLog.View> read) {
    this.view = view;
    this.read = read;
  }

  /** As it was read last. */
  synchronized CommitLog.View view() {
    return view;
  }

  /**
   * The log as it was read after all of these packs were found missing. It is read once for each
   * pack at most: what the log says of a missing one does not change any more.
   */
  synchronized CommitLog.View without(Collection<PackRef> missing) {
    if (missed.addAll(missing.stream().map(PackRef::id).toList())) {
      view = read.get();
    }
    return view;
  }

  /** Whether a snapshot is part of the repository, as far as is known. */
  boolean isLive(LogRecord.Snapshot entry) {
    return PackFates.of(view()).isLive(entry);
  }
}
