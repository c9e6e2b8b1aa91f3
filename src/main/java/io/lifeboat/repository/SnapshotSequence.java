package io.lifeboat.repository;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Which snapshot came after which. The log's order says so, but for those that a repair listed
 * again: their entries, which the admin key signed, stand at the tip, and say nothing of where the
 * lost ones stood. Such a snapshot stands where its root record says that it began, bounded by
 * entries of its source that are not lost: it is older than each that was listed after it began,
 * and than each that stands behind its own entry. One that claims to have begun after it was listed
 * is the oldest of its source.
 */
final class SnapshotSequence {
  private final String admin;

  /**
   * The sequence in a log.
   *
   * @param admin id of the admin key
   */
  SnapshotSequence(String admin) {
    this.admin = admin;
  }

  /** A snapshot and the entry that lists it. */
  record Listed(LogEntry entry, SnapshotInfo info) {}

  /** A snapshot directly before or, if it is the same, at the place of an entry of the log. */
  private record Place(Listed snapshot, long at, boolean listedAgain, Instant began) {
    static final Comparator<Place> OLDEST_FIRST =
        Comparator.comparingLong(Place::at)
            .thenComparing(Place::listedAgain, Comparator.reverseOrder())
            .thenComparing(Place::began)
            .thenComparingLong(place -> place.snapshot().entry().n());
  }

  /** Puts snapshots that come in the order of their entries into their own. */
  List<Listed> oldestFirst(List<Listed> asListed) {
    List<Listed> inTheirOwnRight =
        asListed.stream().filter(snapshot -> !isListedAgain(snapshot)).toList();
    return asListed.stream()
        .map(snapshot -> place(snapshot, inTheirOwnRight))
        .sorted(Place.OLDEST_FIRST)
        .map(Place::snapshot)
        .toList();
  }

  private boolean isListedAgain(Listed snapshot) {
    return snapshot.entry().writer().equals(admin);
  }

  private Place place(Listed snapshot, List<Listed> inTheirOwnRight) {
    LogEntry entry = snapshot.entry();
    if (!isListedAgain(snapshot)) {
      return new Place(snapshot, entry.n(), false, Instant.MIN);
    }
    Instant claimed = snapshot.info().startedAt();
    Instant began = claimed.isAfter(entry.at()) ? Instant.MIN : claimed;
    long newer =
        inTheirOwnRight.stream()
            .filter(other -> other.info().source().equals(snapshot.info().source()))
            .map(Listed::entry)
            .filter(other -> other.at().isAfter(began) || other.n() > entry.n())
            .mapToLong(LogEntry::n)
            .min()
            .orElse(Long.MAX_VALUE);
    return new Place(snapshot, newer, true, began);
  }
}
