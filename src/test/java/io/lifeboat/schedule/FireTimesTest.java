package io.lifeboat.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.Cron;
import io.lifeboat.config.PlanConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FireTimesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Germany: 02:00 to 03:00 is left out on 29 March, and comes twice on 25 October.
        "30 2 * * *   | Europe/Berlin       | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        "30 2 * * *   | Europe/Berlin       | 2026-03-29T01:00:00Z | 2026-03-30T00:30:00Z",
        "30 2 * * *   | Europe/Berlin       | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z",
        "30 2 * * *   | Europe/Berlin       | 2026-10-25T00:30:00Z | 2026-10-26T01:30:00Z",
        "30 2 * * *   | Europe/Berlin       | 2026-10-25T00:45:00Z | 2026-10-26T01:30:00Z",
        "0 2 * * *    | Europe/Berlin       | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        // A rhythm goes on: no hour without, none doubled.
        "30 * * * *   | Europe/Berlin       | 2026-03-29T00:30:00Z | 2026-03-29T01:30:00Z",
        "0 * * * *    | Europe/Berlin       | 2026-03-29T00:00:00Z | 2026-03-29T01:00:00Z",
        "30 * * * *   | Europe/Berlin       | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z",
        // Half an hour's change, and midnight left out.
        "45 1 * * *   | Australia/Lord_Howe | 2026-04-04T12:00:00Z | 2026-04-04T14:45:00Z",
        "15 0 * * *   | Africa/Cairo        | 2026-04-23T12:00:00Z | 2026-04-23T22:00:00Z",
      })
  void clockChangesNeitherLoseNorDoubleARun(String cron, ZoneId zone, Instant after, Instant next) {
    assertThat(new FireTimes(Cron.parse(cron), zone, Duration.ZERO).next(after)).contains(next);
  }

  static Stream<Arguments> zonesAndExpressions() {
    var random = new Random(20261123);
    var expressions = new ArrayList<String>();
    for (int i = 0; i < 2; i++) {
      expressions.add(random.nextInt(60) + " " + random.nextInt(4) + " * * *");
      expressions.add("*/" + (7 + random.nextInt(20)) + " " + random.nextInt(3) + "-5 * * *");
      expressions.add(random.nextInt(60) + " * * * *");
    }
    return Stream.of(
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "America/St_Johns",
            "Africa/Cairo",
            "Asia/Kathmandu",
            "UTC")
        .flatMap(zone -> expressions.stream().map(cron -> Arguments.of(zone, cron)));
  }

  @ParameterizedTest
  @MethodSource("zonesAndExpressions")
  void aroundEveryClockChangeTheRunsAreThoseThatAWalkThroughItsMinutesFinds(
      String zoneName, String expression) {
    var zone = ZoneId.of(zoneName);
    var times = new FireTimes(Cron.parse(expression), zone, Duration.ZERO);
    var change = START;
    for (int i = 0; i < 4; i++) {
      var transition = zone.getRules().nextTransition(change);
      change = transition == null ? change.plus(100, ChronoUnit.DAYS) : transition.getInstant();
      var from = change.minus(2, ChronoUnit.DAYS);
      var expected = walk(times.cron(), zone, from, change.plus(2, ChronoUnit.DAYS));
      assertThat(expected).isNotEmpty();
      assertThat(times.next(from, expected.size()))
          .as("around %s", change)
          .isEqualTo(List.copyOf(expected));
    }
  }

  /** Looks at every minute, and knows nothing of how the instants are found otherwise. */
  private static LinkedHashSet<Instant> walk(Cron cron, ZoneId zone, Instant from, Instant to) {
    var expected = new LinkedHashSet<Instant>();
    var wallClockDone = new LinkedHashSet<LocalDateTime>();
    LocalDateTime before = LocalDateTime.ofInstant(from, zone);
    for (var minute = from.plusSeconds(60); minute.isBefore(to); minute = minute.plusSeconds(60)) {
      var local = LocalDateTime.ofInstant(minute, zone);
      boolean due =
          cron.matches(local) && (cron.matchesEveryHour() || !wallClockDone.contains(local));
      if (!cron.matchesEveryHour()) {
        for (var left = before.plusMinutes(1); left.isBefore(local); left = left.plusMinutes(1)) {
          due |= cron.matches(left);
        }
      }
      if (due) {
        expected.add(minute);
        wallClockDone.add(local);
      }
      before = local;
    }
    return expected;
  }

  @Test
  void jitterIsBoundedFixedAndDiffersBetweenPlans() {
    var schedule =
        new PlanConfig.Schedule(
            "0 2 * * *", Optional.empty(), Optional.of(Duration.ofMinutes(5)), Optional.empty());
    var delays = new LinkedHashSet<Duration>();
    for (String plan : List.of("shop", "books", "mail", "wiki")) {
      var times = FireTimes.of(plan, schedule);
      assertThat(times.delay()).isEqualTo(FireTimes.of(plan, schedule).delay());
      assertThat(times.delay()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
      assertThat(times.next(START)).contains(START.plus(Duration.ofHours(2)).plus(times.delay()));
      delays.add(times.delay());
    }
    assertThat(delays).hasSizeGreaterThan(2);
  }

  @Test
  void aRunThatIsOnlyDelayedIsNotTakenForTheNext() {
    var times = new FireTimes(Cron.parse("0 2 * * *"), ZoneId.of("UTC"), Duration.ofMinutes(4));
    assertThat(times.next(Instant.parse("2026-01-01T02:03:00Z")))
        .contains(Instant.parse("2026-01-01T02:04:00Z"));
    assertThat(times.next(Instant.parse("2026-01-01T02:04:00Z")))
        .contains(Instant.parse("2026-01-02T02:04:00Z"));
  }
}
