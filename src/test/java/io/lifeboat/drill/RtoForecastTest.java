package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lifeboat.drill.RtoForecast.Outlook;
import io.lifeboat.repository.DrillSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RtoForecastTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final Optional<Duration> HALF_AN_HOUR = Optional.of(Duration.ofMinutes(30));

  /** A drill of today, of a snapshot that is so many days old. */
  private static DrillSummary drill(String verdict, double daysOld, double seconds) {
    return drill(verdict, daysOld, 0, seconds);
  }

  private static DrillSummary drill(
      String verdict, double daysOld, double daysAgo, double seconds) {
    return new DrillSummary(
        "dr",
        "s",
        verdict,
        "L6",
        ago(daysAgo),
        Optional.of(
            new DrillSummary.Terms(
                "nightly",
                "",
                List.of(),
                "",
                "",
                Optional.empty(),
                ago(daysOld),
                (long) (seconds * 1000),
                (long) (seconds * 100e6))));
  }

  private static Instant ago(double days) {
    return NOW.minusSeconds((long) (days * 86_400));
  }

  private static RtoForecast forecast(DrillSummary... drills) {
    return RtoForecast.of("nightly", List.of(drills), HALF_AN_HOUR, NOW);
  }

  @Test
  void drillsOnALineCrossTheObjectiveWhereTheLineDoes() {
    // 20 min now, 200 s more each week: 600 s are left, three weeks.
    RtoForecast found =
        forecast(
            drill("PASS", 0, 1200),
            drill("PASS", 7, 1000),
            drill("PASS", 14, 800),
            drill("PASS", 21, 600));
    assertThat(found.outlook()).isEqualTo(Outlook.WILL_BE_MISSED);
    assertThat(found.drills()).isEqualTo(4);
    assertThat(found.nowSeconds().orElseThrow()).isCloseTo(1200, within(1e-6));
    assertThat(found.weeklySeconds().orElseThrow()).isCloseTo(200, within(1e-6));
    assertThat(found.weeklyBytes().orElseThrow()).isCloseTo(20e9, within(1.0));
    assertThat(found.objectiveSeconds()).contains(1800.0);
    assertThat(Duration.between(NOW.plus(Duration.ofDays(21)), found.missedAt().orElseThrow()))
        .isBetween(Duration.ofSeconds(-2), Duration.ofSeconds(2));
    assertThat(found.words())
        .isEqualTo(
            "a restore takes 20 min 00 s by now, 3 min 20 s more each week; at this growth the RTO"
                + " of PT30M is missed in 3 weeks");
  }

  @Test
  void scatterIsLevelledByLeastSquares() {
    // By hand: days -9, -6, -3, 0 and 100, 130, 140, 170 s; mean -4.5 and 135; slope 330 / 45.
    RtoForecast found =
        forecast(
            drill("PASS", 9, 100),
            drill("PASS", 6, 130),
            drill("PASS", 3, 140),
            drill("PASS", 0, 170));
    assertThat(found.weeklySeconds().orElseThrow()).isCloseTo(7 * 330 / 45.0, within(1e-6));
    assertThat(found.nowSeconds().orElseThrow()).isCloseTo(168, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({
    // per week, now, outlook, words
    "0, 60, KEPT, the RTO of PT30M is kept",
    "-5, 60, KEPT, 5.0 s less each week; the RTO of PT30M is kept",
    "0.1, 60, KEPT, is kept",
    "-5, 1801, MISSED, the RTO of PT30M is missed",
    "5, 1801, MISSED, the RTO of PT30M is missed",
    "70, 1740, WILL_BE_MISSED, is missed in 6 days",
    "70, 1310, WILL_BE_MISSED, is missed in 7 weeks",
    "9, 800, WILL_BE_MISSED, is missed in 2 years",
  })
  void whatTheLineSaysIsSaidInWords(double weekly, double now, Outlook outlook, String words) {
    RtoForecast found =
        forecast(
            IntStream.range(0, 5)
                .mapToObj(week -> drill("PASS", 7.0 * week, now - weekly * week))
                .toArray(DrillSummary[]::new));
    assertThat(found.outlook()).isEqualTo(outlook);
    assertThat(found.words()).endsWith(words);
    assertThat(found.missedAt().isPresent()).isEqualTo(outlook == Outlook.WILL_BE_MISSED);
  }

  @Test
  void withoutAnObjectiveThereIsAGrowthAndNothingToMiss() {
    var drills = IntStream.range(0, 4).mapToObj(week -> drill("PASS", 7.0 * week, 60)).toList();
    RtoForecast found = RtoForecast.of("nightly", drills, Optional.empty(), NOW);
    assertThat(found.outlook()).isEqualTo(Outlook.NO_OBJECTIVE);
    assertThat(found.words()).endsWith("the plan has no RTO");
  }

  @Test
  void tooFewDrillsOrTooShortATimeMakeNoLine() {
    assertThat(forecast().words()).isEqualTo("not enough drills: 0 passed, and a forecast takes 4");
    RtoForecast three =
        forecast(
            drill("PASS", 0, 1), drill("FAIL", 5, 1), drill("PASS", 9, 1), drill("PASS", 19, 1));
    assertThat(three.outlook()).isEqualTo(Outlook.NOT_ENOUGH_DRILLS);
    assertThat(three.drills()).isEqualTo(3);
    RtoForecast sixDays =
        forecast(
            drill("PASS", 0, 1), drill("PASS", 1, 1), drill("PASS", 2, 1), drill("PASS", 6.9, 1));
    assertThat(sixDays.words())
        .isEqualTo("not enough drills: their snapshots span 6 days, and a forecast takes 7");
    assertThat(sixDays.nowSeconds()).isEmpty();
    assertThat(
            forecast(
                    drill("PASS", 0, 1),
                    drill("PASS", 1, 1),
                    drill("PASS", 2, 1),
                    drill("PASS", 7, 1))
                .outlook())
        .isEqualTo(Outlook.KEPT);
  }

  @Test
  void onlyTheLastTwentyDrillsOfThePlanCount() {
    List<DrillSummary> drills = new ArrayList<>();
    for (int week = 0; week < 20; week++) {
      drills.add(drill("PASS", 7.0 * week, week, 100));
      drills.add(drill("PASS", 7.0 * week, 500 + week, 9000));
    }
    drills.add(new DrillSummary("dr", "s", "PASS", "L6", NOW));
    RtoForecast found = RtoForecast.of("nightly", drills, HALF_AN_HOUR, NOW);
    assertThat(found.drills()).isEqualTo(20);
    assertThat(found.nowSeconds().orElseThrow()).isCloseTo(100, within(1e-6));
    assertThat(RtoForecast.of("weekly", drills, HALF_AN_HOUR, NOW).drills()).isZero();
  }

  @Test
  void aDrillOfAnOldSnapshotSaysHowLongRestoresTookThen() {
    // The old ones were drilled last: the line rises nevertheless.
    RtoForecast found =
        forecast(
            drill("PASS", 0, 21, 400),
            drill("PASS", 7, 14, 300),
            drill("PASS", 14, 7, 200),
            drill("PASS", 21, 0, 100));
    assertThat(found.weeklySeconds().orElseThrow()).isCloseTo(100, within(1e-6));
  }
}
