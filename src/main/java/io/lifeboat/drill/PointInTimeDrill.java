package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.drill.scratch.Startup;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RecoveringTarget;
import io.lifeboat.restore.RecoveryPlan;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Restores a cluster once more, and has it recover to a point in time behind its snapshot: where
 * the recovery stopped is what PostgreSQL itself wrote into the new timeline's history. For one
 * thread, once.
 */
final class PointInTimeDrill implements ScratchDrill<PostgresScratch> {
  private static final Duration PATIENCE = Duration.ofHours(12);
  private static final Duration QUICK = Duration.ofMinutes(1);

  private final DrillRequest request;
  private final RecoveryPlan plan;
  private final SnapshotReader snapshot;
  private final ClusterFacts facts;
  private final Course course;
  private final CheckLog checks;

  PointInTimeDrill(
      DrillRequest request, RecoveryPlan plan, SnapshotReader snapshot, Course course) {
    this.request = request;
    this.plan = plan;
    this.snapshot = snapshot;
    this.facts = ClusterFacts.fromJson(snapshot.root().facts());
    this.course = course;
    this.checks = course.checks();
  }

  @Override
  public PostgresScratch allocate(ScratchFactory scratches) {
    return PostgresDrill.scratch(request, snapshot, facts, scratches);
  }

  @Override
  public Optional<Instant> prove(PostgresScratch scratch) {
    course.phases().enter("point-in-time");
    try {
      RecoverySettings settings;
      try (var target =
          new RecoveringTarget(scratch.target(), plan, facts.floors(), course.progress())) {
        new RestoreEngine()
            .restore(snapshot, RestoreSelection.everything(), target, course.progress());
        settings = target.settings();
      }
      switch (scratch.recover(settings, PATIENCE, course.progress())) {
        case Startup.Ready ready -> judge(scratch);
        case Startup.Ended ended ->
            BootFault.ofScratch(ended)
                .ifPresentOrElse(
                    line -> checks.error(BuiltInCheck.POINT, "the scratch could not: " + line),
                    () -> checks.fail(BuiltInCheck.POINT, "it ended: " + last(ended.log())));
        case Startup.TimedOut late ->
            checks.error(BuiltInCheck.POINT, "it was not there within " + PATIENCE);
      }
    } catch (LifeboatException e) {
      checks.broken(BuiltInCheck.POINT, e);
    }
    return Optional.empty();
  }

  private void judge(PostgresScratch scratch) {
    String at =
        plan.target() instanceof RecoveryTarget.Time time ? time.at().toString() : "infinity";
    switch (scratch.query("template1", stop(at), Access.OWN, QUICK)) {
      case SqlOutcome.Refused refused ->
          checks.error(BuiltInCheck.POINT, refused.state() + ": " + refused.message());
      case SqlOutcome.Rows rows when rows.rows().isEmpty() ->
          checks.fail(BuiltInCheck.POINT, "it began no timeline of its own, so it did not recover");
      case SqlOutcome.Rows rows -> {
        List<Optional<String>> stop = rows.rows().getFirst();
        String found =
            "asked for "
                + plan.target()
                + "; it stopped at "
                + stop.get(0).orElse("?")
                + ", "
                + stop.get(1).orElse("?").strip();
        // Where nothing was committed after it there is nothing to stop before.
        boolean exact = plan.toTheEnd() || stop.get(2).equals(Optional.of("t"));
        if (exact) {
          checks.pass(BuiltInCheck.POINT, found);
        } else {
          checks.fail(BuiltInCheck.POINT, found);
        }
      }
    }
  }

  /** The history's last line: position, reason, and whether that names a later time than this. */
  private static String stop(String at) {
    return "SELECT h.parts[2], h.parts[3], CASE WHEN h.parts[3] ~ '^(before|after) [0-9]{4}-'"
        + " THEN substring(h.parts[3] FROM '[0-9].*')::timestamptz > '"
        + at
        + "'::timestamptz END FROM (SELECT string_to_array(line, E'\\t') AS parts"
        + " FROM regexp_split_to_table("
        + "pg_read_file('pg_wal/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"
        + " || '.history'), E'\\n') WITH ORDINALITY AS lines(line, n)"
        + " WHERE line ~ '^[0-9]' ORDER BY n DESC LIMIT 1) AS h";
  }

  private static String last(List<String> log) {
    return log.isEmpty() ? "without a word" : log.getLast();
  }
}
