package io.lifeboat.retention;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Tags;
import io.lifeboat.repository.LoggedSnapshot;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The rules of one plan: keeps the newest snapshot of each of the last so many hours, days, weeks,
 * months and years that have one, the last so many, and all that are young enough or bear a tag.
 * Rules add up. Days begin in the zone of the plan's schedule. Immutable.
 */
final class RetentionRules {
  private final PlanConfig.Retention keep;
  private final ZoneId zone;
  private final Instant now;

  /**
   * Rules as they stand now.
   *
   * @param now by the store's clock
   */
  RetentionRules(PlanConfig.Retention keep, ZoneId zone, Instant now) {
    this.keep = keep;
    this.zone = zone;
    this.now = now;
  }

  /** A rule that keeps one snapshot of each period. */
  private record Period(String name, int count, Function<ZonedDateTime, String> of) {}

  /**
   * Why each of these is kept; those that no rule keeps are not in the answer.
   *
   * @param newestFirst the snapshots of one plan, source and writer
   */
  Map<String, String> reasons(List<LoggedSnapshot> newestFirst) {
    Map<String, String> reasons = new HashMap<>();
    int last = keep.last().orElse(0);
    for (int i = 0; i < Math.min(last, newestFirst.size()); i++) {
      reasons.put(id(newestFirst.get(i)), "one of the last " + last);
    }
    keep.within()
        .ifPresent(within -> {
          Instant since = now.minus(within);
          newestFirst.stream()
              .filter(snapshot -> snapshot.storedAt().isAfter(since))
              .forEach(snapshot -> reasons.putIfAbsent(id(snapshot), "younger than " + within));
        });
    keep.keepTags()
        .forEach(pattern ->
            newestFirst.forEach(snapshot ->
                snapshot.info().tags().stream()
                    .filter(tag -> Tags.matches(pattern, tag))
                    .findFirst()
                    .ifPresent(tag ->
                        reasons.putIfAbsent(id(snapshot), "tagged " + tag + rule(pattern, tag)))));
    for (Period period : periods()) {
      Set<String> seen = new HashSet<>();
      for (LoggedSnapshot snapshot : newestFirst) {
        String key = period.of().apply(snapshot.storedAt().atZone(zone));
        if (seen.size() < period.count() && seen.add(key)) {
          reasons.putIfAbsent(
              id(snapshot), "newest of " + key + " (" + period.name() + " " + period.count() + ")");
        }
      }
    }
    return reasons;
  }

  private static String rule(String pattern, String tag) {
    return pattern.equals(tag) ? "" : " (" + pattern + ")";
  }

  private List<Period> periods() {
    var periods = new ArrayList<Period>();
    keep.hourly().ifPresent(n -> periods.add(new Period("hourly", n, RetentionRules::hour)));
    keep.daily().ifPresent(n -> periods.add(new Period("daily", n, RetentionRules::day)));
    keep.weekly().ifPresent(n -> periods.add(new Period("weekly", n, RetentionRules::week)));
    keep.monthly().ifPresent(n -> periods.add(new Period("monthly", n, RetentionRules::month)));
    keep.yearly().ifPresent(n -> periods.add(new Period("yearly", n, RetentionRules::year)));
    return periods;
  }

  private static String hour(ZonedDateTime time) {
    // With its offset: when clocks are set back, the same hour comes twice.
    return String.format(
        Locale.ROOT, "hour %s %02d:00%s", time.toLocalDate(), time.getHour(), time.getOffset());
  }

  private static String day(ZonedDateTime time) {
    return "day " + time.toLocalDate();
  }

  private static String week(ZonedDateTime time) {
    return String.format(
        Locale.ROOT,
        "week %d-W%02d",
        time.get(IsoFields.WEEK_BASED_YEAR),
        time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
  }

  private static String month(ZonedDateTime time) {
    return String.format(Locale.ROOT, "month %d-%02d", time.getYear(), time.getMonthValue());
  }

  private static String year(ZonedDateTime time) {
    return "year " + time.getYear();
  }

  private static String id(LoggedSnapshot snapshot) {
    return snapshot.info().id();
  }
}
