package io.lifeboat.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.TimelineHistory.Ancestor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartPositionTest {
  private static final int SEGMENT = 100;
  private static final TimelineHistory THIRD = history(3, 1, 250);

  private static TimelineHistory history(int timeline, int ancestor, long end) {
    return new TimelineHistory(timeline, List.of(new Ancestor(ancestor, new Lsn(end))));
  }

  private static WalPosition at(int timeline, long position) {
    return new WalPosition(timeline, new Lsn(position));
  }

  private static Optional<WalPosition> after(
      WalPosition have, Optional<TimelineHistory> ours, TimelineHistory server) {
    return StartPosition.after(have, ours, server, SEGMENT);
  }

  @Test
  void onTheServersTimelineItGoesOnWhereItStopped() {
    assertThat(after(at(3, 410), Optional.empty(), THIRD)).contains(at(3, 410));
  }

  @Test
  void theTailOfAnOldTimelineComesFirst() {
    assertThat(after(at(1, 120), Optional.empty(), THIRD)).contains(at(1, 120));
    assertThat(after(at(1, 250), Optional.empty(), THIRD)).contains(at(1, 250));
  }

  @Test
  void whatIsBeyondTheSwitchIsADeadEnd() {
    assertThat(after(at(1, 251), Optional.empty(), THIRD)).contains(at(3, 200));
  }

  @Test
  void aTimelineThatTheServerDoesNotKnowIsLeftWhereTheWaysPart() {
    var ours = Optional.of(history(2, 1, 230));
    assertThat(after(at(2, 500), ours, THIRD)).contains(at(1, 230));
    assertThat(after(at(2, 500), Optional.of(history(2, 1, 280)), THIRD)).contains(at(3, 200));
    assertThat(after(at(2, 500), ours, TimelineHistory.first()))
        .as("the old primary is back")
        .contains(at(1, 230));
    assertThat(after(at(2, 500), Optional.empty(), THIRD)).isEmpty();
  }
}
