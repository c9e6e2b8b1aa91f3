package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.scratch.ProcessScratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.drill.scratch.Startup;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.DatabasesTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Loads every database of a dump into a new cluster, which compares each table's rows, and asks
 * what the plan asks. For one thread, once.
 */
final class LogicalDrill implements ScratchDrill<ProcessScratch> {
  private static final Duration BOOT_PATIENCE = Duration.ofMinutes(5);

  private final DrillRequest request;
  private final SnapshotReader snapshot;
  private final LogicalFacts facts;
  private final Course course;
  private final CheckLog checks;

  LogicalDrill(DrillRequest request, SnapshotReader snapshot, Course course) {
    this.request = request;
    this.snapshot = snapshot;
    this.facts = LogicalFacts.fromJson(snapshot.root().facts());
    this.course = course;
    this.checks = course.checks();
  }

  @Override
  public ProcessScratch allocate(ScratchFactory scratches) {
    if (request.scratch().equals(Optional.of(ScratchKind.docker))) {
      throw new PermanentException(
          ErrorCode.SCRATCH_UNAVAILABLE,
          "A dump is loaded into a scratch process; this version knows no container for it",
          "Write scratch: process in the plan's drill.");
    }
    scratches.requireRoom(ScratchKind.process, snapshot.root().info().sizeBytes());
    return scratches.empty(request.drill(), facts.server().major(), request.programs());
  }

  @Override
  public Optional<Instant> prove(ProcessScratch scratch) {
    Optional<Instant> point = Optional.empty();
    course.phases().enter("boot");
    if (boots(scratch)) {
      point = load(scratch);
    }
    checks.skipMissing(request.checks(), "the drill did not get as far");
    return point;
  }

  /** A new cluster that does not start says nothing about the backup. */
  private boolean boots(ProcessScratch scratch) {
    try {
      switch (scratch.start(BOOT_PATIENCE, course.progress())) {
        case Startup.Ready ready -> {
          return true;
        }
        case Startup.Ended ended ->
            checks.error(
                BuiltInCheck.SCRATCH, "a new server ended: " + String.join(" | ", ended.log()));
        case Startup.TimedOut late ->
            checks.error(BuiltInCheck.SCRATCH, "a new server is not up within " + BOOT_PATIENCE);
      }
    } catch (LifeboatException e) {
      checks.broken(BuiltInCheck.SCRATCH, e);
    }
    return false;
  }

  private Optional<Instant> load(ProcessScratch scratch) {
    course.phases().enterUnannounced("restore");
    var target = new DatabasesTarget(facts.databases(), scratch::address, course.progress());
    if (!RestoreStep.run(snapshot, target, checks, course.progress())) {
      return Optional.empty();
    }
    LoadOutcome outcome = target.outcome();
    checks.pass(BuiltInCheck.BOOTS, "a new server took every definition");
    checks.pass(
        BuiltInCheck.ROWS,
        outcome.tables() + " tables have " + outcome.rows() + " rows, as many as were dumped");
    outcome.notes().forEach(course.progress()::event);
    course.phases().enter("check");
    var own = new PlanChecks(scratch, facts.databases().getFirst().name(), checks);
    List<PlanConfig.Check> planned = request.checks();
    for (PlanConfig.Check check : planned) {
      course.progress().checkCancelled();
      own.run(check);
    }
    // What had been committed at that instant is there, and nothing later.
    return facts.databases().stream().map(LogicalFacts.Database::at).min(Instant::compareTo);
  }
}
