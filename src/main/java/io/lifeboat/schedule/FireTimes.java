package io.lifeboat.schedule;

import io.lifeboat.config.Cron;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.operation.OperationType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * The instants at which a schedule comes due.
 *
 * <p>Where a clock change leaves a scheduled time out, it comes due at the first valid instant
 * after it; where a clock change brings a time twice, it comes due the first time only. An
 * expression that matches in every hour means "every so many minutes", though: it goes on through
 * clock changes as if there were none.
 *
 * @param delay added to every instant, so that plans with one expression do not start as one
 */
public record FireTimes(Cron cron, ZoneId zone, Duration delay) {

  /** The schedule that a plan, or a repository, has for runs of a type. */
  public static FireTimes of(String owner, OperationType type, PlanConfig.Schedule schedule) {
    return of(owner + " " + type, schedule);
  }

  /**
   * A plan's schedule.
   *
   * @param id decides where within the jitter this schedule lies, the same on every machine
   */
  public static FireTimes of(String id, PlanConfig.Schedule schedule) {
    var crc = new CRC32();
    crc.update(id.getBytes(StandardCharsets.UTF_8));
    long jitterSeconds = schedule.jitter().map(Duration::toSeconds).orElse(0L);
    return new FireTimes(
        Cron.parse(schedule.cron()),
        schedule.zone().orElse(ZoneOffset.UTC),
        Duration.ofSeconds(crc.getValue() % (jitterSeconds + 1)));
  }

  /** The first instant after the given one; empty if there is none in the next years. */
  public Optional<Instant> next(Instant after) {
    Instant undelayed = after.minus(delay);
    Optional<Instant> next =
        cron.matchesEveryHour() ? nextOfElapsedTime(undelayed) : nextOfWallClock(undelayed);
    return next.map(instant -> instant.plus(delay));
  }

  /** The first so many instants after the given one. */
  public List<Instant> next(Instant after, int count) {
    return Stream.iterate(next(after), Optional::isPresent, last -> last.flatMap(this::next))
        .flatMap(Optional::stream)
        .limit(count)
        .toList();
  }

  /**
   * Gap: the first valid instant; overlap: the first pass. Both keep the order of wall-clock times.
   */
  private Optional<Instant> nextOfWallClock(Instant after) {
    LocalDateTime from = LocalDateTime.ofInstant(after, zone);
    for (Optional<LocalDateTime> due = cron.next(from);
        due.isPresent();
        due = cron.next(due.get())) {
      Instant instant = firstValid(due.get());
      if (instant.isAfter(after)) {
        return Optional.of(instant);
      }
    }
    return Optional.empty();
  }

  private Instant firstValid(LocalDateTime due) {
    ZoneRules rules = zone.getRules();
    List<ZoneOffset> offsets = rules.getValidOffsets(due);
    return offsets.isEmpty()
        ? rules.getTransition(due).getInstant()
        : due.toInstant(offsets.getFirst());
  }

  /** Walks from one clock change to the next; between two of them the wall clock is even. */
  private Optional<Instant> nextOfElapsedTime(Instant after) {
    ZoneRules rules = zone.getRules();
    Instant from = after;
    ZoneOffset offset = rules.getOffset(after);
    LocalDateTime local = LocalDateTime.ofEpochSecond(from.getEpochSecond(), 0, offset);
    while (true) {
      Optional<LocalDateTime> due = cron.next(local);
      if (due.isEmpty()) {
        return Optional.empty();
      }
      Instant instant = due.get().toInstant(offset);
      ZoneOffsetTransition change = rules.nextTransition(from);
      if (change == null || instant.isBefore(change.getInstant())) {
        return Optional.of(instant);
      }
      from = change.getInstant();
      offset = change.getOffsetAfter();
      // The minute of the change itself may match.
      local = change.getDateTimeAfter().minusMinutes(1);
    }
  }
}
