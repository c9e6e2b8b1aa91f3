package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import java.util.Optional;

/** Where a segment that was pushed belongs, beside what we have. */
sealed interface PushPlace {
  /** It goes on where we are. */
  record Next() implements PushPlace {}

  /** It goes on, but something before it is missing. */
  record Behind(WalGap gap) implements PushPlace {}

  /** What comes next lies behind it. */
  record Late() implements PushPlace {}

  /**
   * Finds the place.
   *
   * @param have up to where we have WAL; empty if there is none
   * @param ours the history of the timeline that we have, if it is known
   * @param segment where the segment begins, on the timeline of its name
   * @param way the history of that timeline
   */
  static PushPlace of(
      Optional<WalPosition> have,
      Optional<TimelineHistory> ours,
      WalPosition segment,
      TimelineHistory way,
      int segmentBytes) {
    if (have.isEmpty()) {
      return new Next();
    }
    if (segment.timeline() < have.get().timeline()) {
      return new Late();
    }
    Optional<WalPosition> due = StartPosition.after(have.get(), ours, way, segmentBytes);
    if (due.isEmpty()) {
      return new Behind(gap(have.get(), segment));
    }
    // A new timeline's first segment begins with what is on the old one, so that what a promotion
    // left of the old one's last segment is not needed.
    Lsn start = due.get().lsn().segmentStart(segmentBytes);
    if (segment.lsn().equals(start)) {
      return new Next();
    }
    return segment.lsn().isBefore(start) ? new Late() : new Behind(gap(due.get(), segment));
  }

  private static WalGap gap(WalPosition from, WalPosition to) {
    return new WalGap(from.timeline(), from.lsn(), to.lsn());
  }
}
