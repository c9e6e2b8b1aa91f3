package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory.Leg;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.restore.WalStretch.Segment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What of many pieces lies together without a gap. */
class WalStretchTest {
  private static final long SEGMENT = 1 << 20;
  private static final int FULL = (int) SEGMENT;
  private static final List<Leg> FIRST = List.of(new Leg(1, new Lsn(0), Optional.empty()));

  private static WalPiece piece(int timeline, long segment, int from, int to) {
    return new WalPiece(timeline, segment, from, to);
  }

  /** Timeline 2 branched off at this position. */
  private static List<Leg> branched(long at) {
    return List.of(
        new Leg(1, new Lsn(0), Optional.of(new Lsn(at))),
        new Leg(2, new Lsn(at), Optional.empty()));
  }

  @Test
  void ofPiecesThatOverlapTheOneThatReachesFarthestIsTaken() {
    WalStretch stretch =
        WalStretch.of(
            List.of(
                piece(1, 5, 0, 100),
                piece(1, 5, 0, 300),
                piece(1, 5, 50, FULL),
                piece(1, 6, 0, 10),
                piece(1, 6, 5, 20)),
            FIRST,
            SEGMENT,
            5);
    assertThat(stretch.end()).isEqualTo(new Lsn(6 * SEGMENT + 20));
    assertThat(stretch.segments().getFirst().slices())
        .extracting(WalStretch.Slice::from)
        .containsExactly(0, 300);
  }

  @Test
  void itEndsAtTheFirstByteThatIsNotThere() {
    List<WalPiece> pieces =
        List.of(piece(1, 5, 0, FULL), piece(1, 6, 0, 10), piece(1, 6, 11, FULL), piece(1, 7, 0, 9));
    assertThat(WalStretch.of(pieces, FIRST, SEGMENT, 5).end()).isEqualTo(new Lsn(6 * SEGMENT + 10));
    assertThat(WalStretch.of(pieces, FIRST, SEGMENT, 4).isEmpty()).isTrue();
    assertThat(WalStretch.of(pieces, FIRST, SEGMENT, 8).isEmpty()).isTrue();
  }

  @Test
  void behindABranchTheOldTimelineCountsForNothing() {
    List<Leg> line = branched(6 * SEGMENT + 100);
    List<WalPiece> old = List.of(piece(1, 5, 0, FULL), piece(1, 6, 0, FULL), piece(1, 7, 0, FULL));
    WalStretch before = WalStretch.of(old, line, SEGMENT, 5);
    assertThat(before.end()).isEqualTo(new Lsn(6 * SEGMENT + 100));
    assertThat(before.segments()).extracting(Segment::timeline).containsExactly(1, 2);

    List<WalPiece> both =
        List.of(old.get(0), old.get(1), piece(2, 6, 100, FULL), piece(2, 7, 0, 50));
    WalStretch after = WalStretch.of(both, line, SEGMENT, 5);
    assertThat(after.end()).isEqualTo(new Lsn(7 * SEGMENT + 50));
    assertThat(after.segments().get(1).slices())
        .extracting(slice -> slice.piece().timeline())
        .containsExactly(1, 2);
  }

  @Test
  void aBranchAtASegmentsBoundaryLeavesTheSegmentBeforeToTheOldTimeline() {
    WalStretch stretch =
        WalStretch.of(
            List.of(piece(1, 5, 0, FULL), piece(1, 6, 0, FULL), piece(2, 6, 0, 8)),
            branched(6 * SEGMENT),
            SEGMENT,
            5);
    assertThat(stretch.segments()).extracting(Segment::timeline).containsExactly(1, 2);
    assertThat(stretch.end()).isEqualTo(new Lsn(6 * SEGMENT + 8));
  }

  @Test
  void aSegmentIsCalledAsTheServerCallsIt() {
    assertThat(new Segment(0x1234, 3, List.of()).fileName(16 << 20))
        .isEqualTo("000000030000001200000034");
    assertThat(new Segment(0x1234, 3, List.of()).fileName(SEGMENT))
        .isEqualTo("000000030000000100000234");
  }
}
