package io.lifeboat.config;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A cron expression of five fields: minute, hour, day of month, month, day of week. Each is {@code
 * *}, a number, a range, a step ({@code *}{@code /15}, {@code 8-18/2}) or a list of those; months
 * and days have their English three-letter names; Sunday is 0 or 7. As in POSIX crontab, a day
 * matches if either day field matches where both are restricted.
 *
 * <p>Knows wall-clock time only: what a time zone's jumps make of it is the schedule's business.
 */
public final class Cron {
  private static final List<String> MONTHS =
      List.of(
          "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS =
      List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun");

  /** Longer than the eight years that may lie between two days of the 29th of February. */
  private static final int SEARCH_DAYS = 366 * 9;

  private final String text;
  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet daysOfMonth;
  private final BitSet months;
  private final BitSet daysOfWeek;
  private final boolean eitherDay;

  private Cron(String text, List<String> fields) {
    this.text = text;
    minutes = new Field("minute", 0, 59, List.of()).parse(fields.get(0));
    hours = new Field("hour", 0, 23, List.of()).parse(fields.get(1));
    daysOfMonth = new Field("day of month", 1, 31, List.of()).parse(fields.get(2));
    months = new Field("month", 1, 12, MONTHS).parse(fields.get(3));
    daysOfWeek = new Field("day of week", 0, 7, DAYS).parse(fields.get(4));
    if (daysOfWeek.get(7)) {
      daysOfWeek.set(0);
    }
    eitherDay = !fields.get(2).startsWith("*") && !fields.get(4).startsWith("*");
  }

  /**
   * Reads an expression.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID}, naming the field, if it is not one
   *     or never comes due
   */
  public static Cron parse(String text) {
    List<String> fields = List.of(text.trim().split("\\s+"));
    if (fields.size() != 5) {
      throw invalid(
          "'" + text + "' has " + fields.size() + " fields, a cron expression here has five",
          "Write minute, hour, day of month, month, day of week: \"0 2 * * *\" is every night at"
              + " 02:00.");
    }
    var cron = new Cron(text, fields);
    if (cron.next(LocalDateTime.of(2024, 1, 1, 0, 0)).isEmpty()) {
      throw invalid("'" + text + "' never comes due", "No such day exists in the months it names.");
    }
    return cron;
  }

  /**
   * The first minute after the given time that matches; empty if no day of the next nine years
   * does.
   */
  public Optional<LocalDateTime> next(LocalDateTime after) {
    LocalDateTime from = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    LocalDate last = from.toLocalDate().plusDays(SEARCH_DAYS);
    LocalTime earliest = from.toLocalTime();
    for (LocalDate day = from.toLocalDate(); day.isBefore(last); day = day.plusDays(1)) {
      if (matches(day)) {
        Optional<LocalTime> time = firstTime(earliest);
        if (time.isPresent()) {
          return Optional.of(day.atTime(time.get()));
        }
      }
      earliest = LocalTime.MIDNIGHT;
    }
    return Optional.empty();
  }

  /** Whether the minute that a time lies in matches. */
  public boolean matches(LocalDateTime time) {
    return matches(time.toLocalDate())
        && hours.get(time.getHour())
        && minutes.get(time.getMinute());
  }

  /**
   * Whether it comes due in every hour of a day: it then means a rhythm rather than a time of day.
   */
  public boolean matchesEveryHour() {
    return hours.cardinality() == 24;
  }

  private boolean matches(LocalDate day) {
    boolean monthDay = daysOfMonth.get(day.getDayOfMonth());
    boolean weekDay = daysOfWeek.get(day.getDayOfWeek().getValue() % 7);
    return months.get(day.getMonthValue())
        && (eitherDay ? monthDay || weekDay : monthDay && weekDay);
  }

  private Optional<LocalTime> firstTime(LocalTime earliest) {
    int minute = earliest.getMinute();
    for (int hour = hours.nextSetBit(earliest.getHour());
        hour >= 0;
        hour = hours.nextSetBit(hour + 1)) {
      int match = minutes.nextSetBit(hour == earliest.getHour() ? minute : 0);
      if (match >= 0) {
        return Optional.of(LocalTime.of(hour, match));
      }
    }
    return Optional.empty();
  }

  /** The expression as it was written. */
  @Override
  public String toString() {
    return text;
  }

  private static PermanentException invalid(String message, String hint) {
    return new PermanentException(ErrorCode.CONFIG_INVALID, message, hint);
  }

  /** One of the five fields: its bounds, both inclusive, and the names that stand for numbers. */
  private record Field(String name, int first, int last, List<String> names) {
    BitSet parse(String text) {
      var set = new BitSet(last + 1);
      for (String part : text.split(",", -1)) {
        addPart(set, part);
      }
      return set;
    }

    private void addPart(BitSet set, String part) {
      int slash = part.indexOf('/');
      String range = slash < 0 ? part : part.substring(0, slash);
      int step = slash < 0 ? 1 : number(part.substring(slash + 1), part);
      if (step < 1) {
        throw wrong(part);
      }
      int from;
      int to;
      int dash = range.indexOf('-');
      if (range.equals("*")) {
        from = first;
        to = last;
      } else if (dash > 0) {
        from = value(range.substring(0, dash), part);
        to = value(range.substring(dash + 1), part);
      } else {
        from = value(range, part);
        to = slash < 0 ? from : last;
      }
      if (from > to) {
        throw wrong(part);
      }
      for (int i = from; i <= to; i += step) {
        set.set(i);
      }
    }

    private int value(String word, String part) {
      int named = names.indexOf(word.toLowerCase(Locale.ROOT));
      int value = named >= 0 && !word.isEmpty() ? named : number(word, part);
      if (value < first || value > last) {
        throw wrong(part);
      }
      return value;
    }

    private int number(String digits, String part) {
      if (!digits.matches("[0-9]{1,4}")) {
        throw wrong(part);
      }
      return Integer.parseInt(digits);
    }

    private PermanentException wrong(String part) {
      return invalid(
          "'" + part + "' is not a " + name + " of a cron expression",
          "Write *, a number from "
              + first
              + " to "
              + last
              + ", a range such as "
              + first
              + "-"
              + last
              + ", a step such as */5, or a list of those.");
    }
  }
}
