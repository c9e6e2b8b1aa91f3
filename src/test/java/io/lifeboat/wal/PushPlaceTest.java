package io.lifeboat.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PushPlaceTest {
  private static final int SEGMENT = 1 << 20;

  /** Timeline 2 branched off in the middle of segment 5. */
  private static final TimelineHistory SECOND = history(2, "1\t0/580000\tno recovery target\n");

  private static TimelineHistory history(int timeline, String text) {
    return TimelineHistory.parse(timeline, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static WalPosition at(int timeline, long bytes) {
    return new WalPosition(timeline, new Lsn(bytes));
  }

  private static WalPosition segment(int timeline, int number) {
    return at(timeline, (long) number * SEGMENT);
  }

  private static PushPlace place(WalPosition have, WalPosition segment, TimelineHistory way) {
    return PushPlace.of(Optional.of(have), Optional.empty(), segment, way, SEGMENT);
  }

  @Test
  void theFirstOneIsWhereItIs() {
    assertThat(PushPlace.of(Optional.empty(), Optional.empty(), segment(2, 9), SECOND, SEGMENT))
        .isEqualTo(new PushPlace.Next());
  }

  @Test
  void onOneTimelineOneFollowsTheOther() {
    TimelineHistory first = TimelineHistory.first();
    assertThat(place(segment(1, 5), segment(1, 5), first)).isEqualTo(new PushPlace.Next());
    assertThat(place(segment(1, 5), segment(1, 4), first)).isEqualTo(new PushPlace.Late());
    assertThat(place(segment(1, 5), segment(1, 7), first))
        .isEqualTo(
            new PushPlace.Behind(new WalGap(1, new Lsn(5L * SEGMENT), new Lsn(7L * SEGMENT))));
  }

  @Test
  void whatWasStreamedOfASegmentIsHandedOverOnceMore() {
    WalPosition middle = at(1, 5L * SEGMENT + 77);
    assertThat(place(middle, segment(1, 5), TimelineHistory.first()))
        .isEqualTo(new PushPlace.Next());
    assertThat(place(middle, segment(1, 6), TimelineHistory.first()))
        .isEqualTo(
            new PushPlace.Behind(new WalGap(1, new Lsn(5L * SEGMENT + 77), new Lsn(6L * SEGMENT))));
  }

  @Test
  void aNewTimelineGoesOnWithTheSegmentThatItBranchedOffIn() {
    assertThat(place(segment(1, 5), segment(2, 5), SECOND)).isEqualTo(new PushPlace.Next());
    assertThat(place(segment(1, 5), segment(2, 6), SECOND))
        .isEqualTo(
            new PushPlace.Behind(new WalGap(1, new Lsn(5L * SEGMENT), new Lsn(6L * SEGMENT))));
  }

  @Test
  void whatAnOldPrimaryWroteBeyondTheBranchIsADeadEnd() {
    assertThat(place(segment(1, 8), segment(2, 5), SECOND)).isEqualTo(new PushPlace.Next());
    assertThat(place(segment(2, 6), segment(1, 8), TimelineHistory.first()))
        .isEqualTo(new PushPlace.Late());
  }

  @Test
  void whatTheOldTimelineLacksIsAGap() {
    assertThat(place(segment(1, 3), segment(2, 5), SECOND))
        .isEqualTo(
            new PushPlace.Behind(new WalGap(1, new Lsn(3L * SEGMENT), new Lsn(5L * SEGMENT))));
  }

  @Test
  void aTimelineOfAnotherLineIsBehindAGap() {
    TimelineHistory fourth = history(4, "1\t0/200000\tx\n");
    assertThat(place(segment(3, 5), segment(4, 2), fourth)).isInstanceOf(PushPlace.Behind.class);
  }
}
