package io.lifeboat.schedule;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Runs;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.operation.SkippedRuns.SkippedRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a run that is due: it starts, or it is skipped and the reason recorded.
 */
final class DueRun {
  private static final Logger LOG = LoggerFactory.getLogger(DueRun.class);

  /** A run that starts later than that was missed, because the service was down. */
  static final Duration LATE = Duration.ofMinutes(2);

  private final Runs runs;
  private final SkippedRuns skipped;
  private final Clock clock;

  DueRun(Runs runs, SkippedRuns skipped, Clock clock) {
    this.runs = runs;
    this.skipped = skipped;
    this.clock = clock;
  }

  void fire(PlanScheduler.Planned schedule, Instant due) {
    boolean late = Duration.between(due, clock.instant()).compareTo(LATE) > 0;
    if (late && schedule.misfire() == PlanConfig.Misfire.SKIP) {
      skip(schedule, due, "The service was down when it was due, and the schedule says SKIP");
      return;
    }
    String busy = "The scheduled run of " + due + " was skipped, because this one was not done yet";
    try {
      runs.scheduled(schedule.plan(), schedule.type(), busy)
          .ifPresentOrElse(
              operation ->
                  LOG.info(
                      "event=schedule-fired plan={} type={} due={} late={} operation={}",
                      schedule.plan(),
                      schedule.type(),
                      due,
                      late,
                      operation.id()),
              () -> skip(schedule, due, "The run before it was not done yet"));
    } catch (LifeboatException e) {
      skip(schedule, due, e.getMessage() + " (" + e.code() + ")");
    }
  }

  private void skip(PlanScheduler.Planned schedule, Instant due, String reason) {
    LOG.warn(
        "event=schedule-skipped plan={} type={} due={} reason=\"{}\"",
        schedule.plan(),
        schedule.type(),
        due,
        reason);
    skipped.record(new SkippedRun(schedule.plan(), schedule.type(), due, clock.instant(), reason));
  }
}
