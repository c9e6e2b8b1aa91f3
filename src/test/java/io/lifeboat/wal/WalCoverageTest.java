package io.lifeboat.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.TimelineHistory.Ancestor;
import io.lifeboat.repository.WalPiece;
import io.lifeboat.wal.WalCoverage.Range;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalCoverageTest {
  /** Small enough to count with. */
  private static final int SEGMENT = 100;

  /** Timeline 2 branched off 1 at 250, 3 off 2 at 300: timeline 2 is as long as half a segment. */
  private static final TimelineHistory WAY =
      new TimelineHistory(3, List.of(new Ancestor(1, new Lsn(250)), new Ancestor(2, new Lsn(300))));

  private static WalPiece piece(int timeline, long from, long to) {
    return new WalPiece(
        timeline,
        from / SEGMENT,
        Math.toIntExact(from % SEGMENT),
        Math.toIntExact(from % SEGMENT + to - from));
  }

  private static WalCoverage of(WalPiece... pieces) {
    return WalCoverage.of(List.of(pieces), SEGMENT);
  }

  private static WalPosition at(int timeline, long position) {
    return new WalPosition(timeline, new Lsn(position));
  }

  private static Range range(long from, long to) {
    return new Range(new Lsn(from), new Lsn(to));
  }

  @Test
  void piecesThatOverlapOrTouchAreOneRange() {
    WalCoverage coverage =
        of(
            piece(1, 130, 160),
            piece(1, 100, 150),
            piece(1, 100, 120),
            piece(1, 160, 200),
            piece(1, 200, 300),
            piece(1, 301, 310),
            piece(2, 200, 260));
    assertThat(coverage.ranges())
        .isEqualTo(
            Map.of(1, List.of(range(100, 300), range(301, 310)), 2, List.of(range(200, 260))));
    assertThat(coverage.end()).contains(at(2, 260));
    assertThat(coverage.rangeAt(at(1, 299))).contains(range(100, 300));
    assertThat(coverage.rangeAt(at(1, 300))).isEmpty();
  }

  @Test
  void aWayOverSwitchesIsCoveredToItsEnd() {
    WalCoverage coverage =
        of(piece(1, 100, 200), piece(1, 200, 250), piece(2, 200, 300), piece(3, 300, 370));
    assertThat(coverage.along(new Lsn(120), WAY))
        .isEqualTo(new WalCoverage.Reach(at(3, 370), Optional.empty()));
  }

  @Test
  void aLaterTimelineServesForTheTailOfTheOneBeforeButNotItsDeadEndForTheNext() {
    WalCoverage tailMissing =
        of(piece(1, 100, 200), piece(1, 200, 210), piece(2, 200, 300), piece(3, 300, 400));
    assertThat(tailMissing.along(new Lsn(120), WAY).to()).isEqualTo(at(3, 400));

    WalCoverage deadEnd = of(piece(1, 100, 200), piece(1, 200, 300), piece(3, 300, 400));
    assertThat(deadEnd.along(new Lsn(120), WAY))
        .isEqualTo(
            new WalCoverage.Reach(
                at(2, 250), Optional.of(new WalGap(2, new Lsn(250), new Lsn(300)))));
  }

  @Test
  void aGapIsNamedWithBothEnds() {
    WalCoverage coverage = of(piece(1, 100, 150), piece(1, 151, 200), piece(2, 200, 300));
    assertThat(coverage.along(new Lsn(120), WAY))
        .isEqualTo(
            new WalCoverage.Reach(
                at(1, 150), Optional.of(new WalGap(1, new Lsn(150), new Lsn(151)))));
    assertThat(coverage.along(new Lsn(50), WAY).gap())
        .contains(new WalGap(1, new Lsn(50), new Lsn(100)));
  }

  @Test
  void nothingAtAllIsNoGap() {
    assertThat(of().along(new Lsn(50), TimelineHistory.first()))
        .isEqualTo(new WalCoverage.Reach(at(1, 50), Optional.empty()));
    assertThat(of(piece(1, 260, 300)).along(new Lsn(240), WAY).gap())
        .as("what lies on a dead end is not behind it")
        .isEmpty();
  }
}
