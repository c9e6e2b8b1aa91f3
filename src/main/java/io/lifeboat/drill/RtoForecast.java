package io.lifeboat.drill;

import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.DrillSummary.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * When a plan's RTO is missed if restores go on to grow as they did: a straight line, by least
 * squares, through how long the last drills that passed took over the age of what they restored.
 * The snapshot's time is taken, not the drill's, so that a drill of an old snapshot says how long
 * restores took then.
 *
 * @param drills how many the line goes through
 * @param nowSeconds what a restore of a snapshot of now takes by the line; empty without a line
 * @param weeklySeconds how much longer one takes each week
 * @param weeklyBytes how much more one writes each week
 * @param objectiveSeconds the plan's RTO
 * @param missedAt when the line crosses it; empty if it does not within ten years, or did already
 * @param words for people
 */
public record RtoForecast(
    Outlook outlook,
    int drills,
    Optional<Double> nowSeconds,
    Optional<Double> weeklySeconds,
    Optional<Double> weeklyBytes,
    Optional<Double> objectiveSeconds,
    Optional<Instant> missedAt,
    String words) {
  private static final int FEWEST_DRILLS = 4;
  private static final int MOST_DRILLS = 20;
  private static final Duration SHORTEST_SPAN = Duration.ofDays(7);
  private static final double WEEK_SECONDS = Duration.ofDays(7).toSeconds();
  private static final double LONGEST_SECONDS = Duration.ofDays(3650).toSeconds();

  /** What the line says. */
  public enum Outlook {
    /** There is no line. */
    NOT_ENOUGH_DRILLS,
    /** The plan has no RTO that could be missed. */
    NO_OBJECTIVE,
    /** The RTO holds, and goes on to. */
    KEPT,
    /** The RTO holds, and will not. */
    WILL_BE_MISSED,
    /** It does not hold now. */
    MISSED
  }

  /**
   * Of a plan's drills.
   *
   * @param all of the plan's or of others, in any order
   */
  public static RtoForecast of(
      String plan, List<DrillSummary> all, Optional<Duration> rto, Instant now) {
    List<Terms> passed =
        all.stream()
            .filter(drill -> drill.verdict().equals(Verdict.PASS.name()))
            .sorted(Comparator.comparing(DrillSummary::at).reversed())
            .flatMap(drill -> drill.terms().stream())
            .filter(terms -> terms.plan().equals(plan))
            .limit(MOST_DRILLS)
            .sorted(Comparator.comparing(Terms::snapshotAt))
            .toList();
    Duration span =
        passed.isEmpty()
            ? Duration.ZERO
            : Duration.between(passed.getFirst().snapshotAt(), passed.getLast().snapshotAt());
    Optional<Double> objective = rto.map(wanted -> wanted.toMillis() / 1e3);
    if (passed.size() < FEWEST_DRILLS || span.compareTo(SHORTEST_SPAN) < 0) {
      return none(passed.size(), span, objective);
    }
    Line seconds = Line.through(passed, now, terms -> terms.rtoMillis() / 1e3);
    Line bytes = Line.through(passed, now, Terms::sizeBytes);
    return of(passed.size(), seconds, bytes, rto, now);
  }

  private static RtoForecast none(int drills, Duration span, Optional<Double> objective) {
    String what =
        drills < FEWEST_DRILLS
            ? drills + " passed, and a forecast takes " + FEWEST_DRILLS
            : "their snapshots span "
                + span.toDays()
                + " days, and a forecast takes "
                + SHORTEST_SPAN.toDays();
    return new RtoForecast(
        Outlook.NOT_ENOUGH_DRILLS,
        drills,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        objective,
        Optional.empty(),
        "not enough drills: " + what);
  }

  private static RtoForecast of(
      int drills, Line seconds, Line bytes, Optional<Duration> rto, Instant now) {
    double left = rto.map(wanted -> wanted.toMillis() / 1e3 - seconds.atNow()).orElse(0.0);
    // A line that falls never crosses; its quotient is negative or infinite.
    double until = seconds.slope() > 0 ? left / seconds.slope() : Double.POSITIVE_INFINITY;
    Outlook outlook =
        rto.isEmpty()
            ? Outlook.NO_OBJECTIVE
            : left < 0
                ? Outlook.MISSED
                : until < LONGEST_SECONDS ? Outlook.WILL_BE_MISSED : Outlook.KEPT;
    return new RtoForecast(
        outlook,
        drills,
        Optional.of(seconds.atNow()),
        Optional.of(seconds.slope() * WEEK_SECONDS),
        Optional.of(bytes.slope() * WEEK_SECONDS),
        rto.map(wanted -> wanted.toMillis() / 1e3),
        outlook == Outlook.WILL_BE_MISSED
            ? Optional.of(now.plusSeconds((long) until))
            : Optional.empty(),
        words(outlook, seconds, rto.map(Duration::toString).orElse(""), until));
  }

  private static String words(Outlook outlook, Line line, String rto, double until) {
    String takes =
        "a restore takes "
            + time(Math.max(0, line.atNow()))
            + " by now, "
            + time(Math.abs(line.slope() * WEEK_SECONDS))
            + (line.slope() < 0 ? " less" : " more")
            + " each week";
    return switch (outlook) {
      case NOT_ENOUGH_DRILLS -> "not enough drills";
      case NO_OBJECTIVE -> takes + "; the plan has no RTO";
      case KEPT -> takes + "; the RTO of " + rto + " is kept";
      case WILL_BE_MISSED ->
          takes + "; at this growth the RTO of " + rto + " is missed in " + later(until);
      case MISSED -> takes + "; the RTO of " + rto + " is missed";
    };
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return seconds < 60
        ? String.format(Locale.ROOT, "%.1f s", seconds)
        : String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
  }

  private static String later(double seconds) {
    long days = (long) (seconds / Duration.ofDays(1).toSeconds());
    return days < 14
        ? days + " days"
        : days < 2 * 365 ? days / 7 + " weeks" : days / 365 + " years";
  }

  /**
   * A straight line by least squares; times are counted from now.
   *
   * @param slope per second
   */
  private record Line(double slope, double atNow) {
    static Line through(List<Terms> drills, Instant now, ToDoubleFunction<Terms> measured) {
      ToDoubleFunction<Terms> time =
          terms -> Duration.between(now, terms.snapshotAt()).toMillis() / 1e3;
      double meanTime = drills.stream().mapToDouble(time).average().orElseThrow();
      double mean = drills.stream().mapToDouble(measured).average().orElseThrow();
      double products = 0;
      double squares = 0;
      for (Terms drill : drills) {
        double apart = time.applyAsDouble(drill) - meanTime;
        products += apart * (measured.applyAsDouble(drill) - mean);
        squares += apart * apart;
      }
      double slope = products / squares;
      return new Line(slope, mean - slope * meanTime);
    }
  }
}
