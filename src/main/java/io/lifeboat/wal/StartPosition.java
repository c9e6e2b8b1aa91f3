package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import java.util.List;
import java.util.Optional;

/**
 * Where a server's log is to be taken up: a pure function of what we have and of the way that led
 * to the server's timeline.
 */
final class StartPosition {
  private StartPosition() {}

  /**
   * Where to go on.
   *
   * @param have up to where we have WAL
   * @param ours the history of the timeline that we have, if it is known
   * @param server the history of the server's timeline
   * @return empty if what we have is on no timeline that the server knows: nothing of the server's
   *     log goes on from it
   */
  static Optional<WalPosition> after(
      WalPosition have, Optional<TimelineHistory> ours, TimelineHistory server, int segmentBytes) {
    List<TimelineHistory.Leg> way = server.legs();
    for (int i = way.size() - 1; i >= 0; i--) {
      TimelineHistory.Leg leg = way.get(i);
      Optional<Lsn> reached = reached(leg.timeline(), have, ours);
      if (reached.isPresent()) {
        return Optional.of(
            leg.to().filter(end -> end.isBefore(reached.get())).isPresent()
                // What we have beyond the switch is a dead end.
                ? new WalPosition(
                    way.get(i + 1).timeline(), leg.to().get().segmentStart(segmentBytes))
                : new WalPosition(leg.timeline(), reached.get()));
      }
    }
    return Optional.empty();
  }

  /** How far we have come on a timeline, if that was on our way. */
  private static Optional<Lsn> reached(
      int timeline, WalPosition have, Optional<TimelineHistory> ours) {
    return have.timeline() == timeline
        ? Optional.of(have.lsn())
        : ours.flatMap(history -> history.endOf(timeline));
  }
}
