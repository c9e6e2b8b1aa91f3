package io.lifeboat.drill;

import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.Scratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.drill.scratch.ScratchFacts;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RecoveryPlan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves a snapshot by restoring it to scratch, and keeps signed evidence of what came of it.
 *
 * <pre>
 * allocate → restore → manifest → boot → check → teardown → evidence
 * </pre>
 *
 * Whatever happens in between, the scratch is removed, and the evidence is only written once that
 * was tried: a drill that could not clean up says so. What the backup is to blame for makes FAIL;
 * what anything else is to blame for makes ERROR. A drill that somebody cancels leaves no evidence,
 * as it shows nothing. Thread-safe; drills run side by side.
 */
public final class DrillEngine {
  private static final Logger LOG = LoggerFactory.getLogger(DrillEngine.class);

  private final ScratchFactory scratches;
  private final Clock clock;

  /** An engine that makes its scratches here. */
  public DrillEngine(ScratchFactory scratches, Clock clock) {
    this.scratches = scratches;
    this.clock = clock;
  }

  /** How the snapshot is opened: what goes wrong there is a finding too. */
  public interface Opening {
    /** Opens it; the engine closes it. */
    SnapshotReader open();
  }

  /**
   * Runs a drill.
   *
   * @param info the snapshot that is to be proven
   * @param signer signs the evidence
   * @throws LifeboatException {@code CANCELLED}; a missing key or another mistake of the caller; or
   *     whatever the evidence could not be kept for; everything else is part of the result
   */
  public DrillResult run(
      DrillRequest request,
      SnapshotInfo info,
      Opening opening,
      SigningKey signer,
      EvidenceStore store,
      Progress progress) {
    LOG.info(
        "drill started drill={} plan={} snapshot={}", request.drill(), request.plan(), info.id());
    DrillOutcome outcome = conduct(request, info, opening, Sabotage.NONE, progress);
    progress.phase("evidence");
    String name =
        store.keep(
            outcome.summary(request, info),
            link ->
                EvidenceRecord.sign(
                    new EvidenceRecord(request, info, outcome, link).toJson(), signer));
    DrillResult result = outcome.result(request, info, name);
    LOG.info(
        "drill finished drill={} snapshot={} verdict={} level={} rtoMillis={} evidence={}",
        result.drill(),
        result.snapshot(),
        result.verdict(),
        result.level().map(ProofLevel::name).orElse("none"),
        result.rto().toMillis(),
        name);
    return result;
  }

  /**
   * Runs a drill of a copy that is damaged on purpose: it must end as FAIL, by the check that is
   * there for this damage. Leaves no evidence, as it says nothing about the snapshot.
   *
   * @param opening opens the damaged snapshot, where the damage is done to objects or keys
   * @throws LifeboatException {@code CANCELLED}
   */
  public ControlResult control(
      Damage damage, DrillRequest request, SnapshotInfo info, Opening opening, Progress progress) {
    DrillRequest asked = request;
    if (damage == Damage.STALE) {
      if (request.freshness().isEmpty()) {
        return ControlResult.untried(damage, "the plan has no objective for its recovery point");
      }
      asked = request.with(request.freshness().map(Freshness::stale));
    }
    DrillOutcome outcome = conduct(asked, info, opening, Sabotage.of(damage), progress);
    ControlResult result = ControlResult.of(damage, outcome.verdict(), outcome.checks());
    LOG.info(
        "control ended plan={} snapshot={} damage={} outcome={} detail={}",
        request.plan(),
        info.id(),
        damage.text(),
        result.outcome(),
        result.detail());
    return result;
  }

  private DrillOutcome conduct(
      DrillRequest request,
      SnapshotInfo info,
      Opening opening,
      Sabotage sabotage,
      Progress progress) {
    var course =
        new Course(new CheckLog(progress), new Phases(clock, progress), progress, sabotage);
    Finding finding = openAndProve(request, opening, course);
    request.freshness().ifPresent(newest -> judge(newest, request.requestedAt(), course.checks()));
    if (scratches.isClosing()) {
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "The drill lost its scratch because this process is ending",
          "Start it again.");
    }
    return DrillOutcome.of(request, info, course, finding, clock.instant());
  }

  private static void judge(Freshness newest, Instant at, CheckLog checks) {
    String found =
        "the newest point is of "
            + newest.newest()
            + ", "
            + newest.age(at).truncatedTo(ChronoUnit.SECONDS)
            + " before the drill was asked for; the objective is "
            + newest.rpo();
    if (newest.isKept(at)) {
      checks.pass(BuiltInCheck.FRESH, found);
    } else {
      checks.fail(BuiltInCheck.FRESH, found);
    }
  }

  private Finding openAndProve(DrillRequest request, Opening opening, Course course) {
    SnapshotReader snapshot;
    try {
      snapshot = opening.open();
    } catch (LifeboatException e) {
      if (e.code().kind() == ErrorCode.Kind.USAGE) {
        throw e;
      }
      course.checks().broken(RestoreStep.reading(e), e);
      return nothing();
    }
    try (snapshot) {
      return prove(request, snapshot, course);
    }
  }

  private Finding prove(DrillRequest request, SnapshotReader snapshot, Course course) {
    return switch (snapshot.root().info().sourceType()) {
      case "postgres" -> {
        try {
          Finding finding = within(new PostgresDrill(request, snapshot, course), course);
          yield pointInTime(request, snapshot, course, finding);
        } catch (LifeboatException e) { // the facts could not be read: nothing was begun
          course.checks().broken(BuiltInCheck.OBJECTS, e);
          yield nothing();
        }
      }
      case LogicalLayout.TYPE -> {
        try {
          yield within(new LogicalDrill(request, snapshot, course), course);
        } catch (LifeboatException e) { // the facts could not be read: nothing was begun
          course.checks().broken(BuiltInCheck.OBJECTS, e);
          yield nothing();
        }
      }
      case "files" -> within(new FilesDrill(request, snapshot, course), course);
      default -> {
        course
            .checks()
            .error(
                BuiltInCheck.SCRATCH,
                "no drill is known for a source of type " + snapshot.root().info().sourceType());
        yield nothing();
      }
    };
  }

  /** What else is found by another copy, if the first was sound as far as it was asked to be. */
  private Finding pointInTime(
      DrillRequest request, SnapshotReader snapshot, Course course, Finding first) {
    if (request.point().isEmpty()
        || !course.checks().isSound()
        || !request.reaches(BuiltInCheck.POINT.level())) {
      return first;
    }
    Optional<RecoveryPlan> plan;
    try {
      plan = request.point().get().get();
    } catch (LifeboatException e) {
      course.checks().broken(BuiltInCheck.POINT, e);
      return first;
    }
    if (plan.isEmpty()) {
      course
          .checks()
          .skipOptional(BuiltInCheck.POINT, "no write-ahead log is stored behind the snapshot yet");
      return first;
    }
    var drill = new PointInTimeDrill(request, plan.get(), snapshot, course);
    return first.leaving(within(drill, course).leaked());
  }

  private <S extends Scratch> Finding within(ScratchDrill<S> drill, Course course) {
    course.phases().enter("allocate");
    S scratch;
    try {
      scratch = drill.allocate(scratches);
    } catch (LifeboatException e) {
      course.checks().broken(BuiltInCheck.SCRATCH, e);
      course.phases().leave();
      return nothing();
    }
    Optional<Instant> newestRow = Optional.empty();
    try {
      newestRow = drill.prove(scratch);
    } catch (LifeboatException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        tearDown(scratch, course).forEach(left -> e.addSuppressed(leftBehind(left)));
        throw e;
      }
      course.checks().broken(BuiltInCheck.SCRATCH, e);
    } catch (RuntimeException | Error e) {
      tearDown(scratch, course).forEach(left -> e.addSuppressed(leftBehind(left)));
      throw e;
    }
    Instant lastCheckAt = clock.instant();
    Optional<ScratchFacts> facts = Optional.of(scratch.facts());
    return new Finding(facts, lastCheckAt, newestRow, tearDown(scratch, course));
  }

  /** Removes the scratch even if this thread was told to stop; answers what is left of it. */
  private static List<String> tearDown(Scratch scratch, Course course) {
    boolean wasInterrupted = Thread.interrupted();
    course.phases().enter("teardown");
    List<String> left = new ArrayList<>();
    try {
      scratch.close();
    } catch (LifeboatException e) {
      left.add(String.valueOf(e.getMessage()));
      course.progress().event(String.valueOf(e.getMessage()));
    } finally {
      course.phases().leave();
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return left;
  }

  private static PermanentException leftBehind(String left) {
    return new PermanentException(
        ErrorCode.SCRATCH_NOT_REMOVED, left, "The janitor goes on trying each minute.");
  }

  private Finding nothing() {
    return new Finding(Optional.empty(), clock.instant(), Optional.empty(), List.of());
  }

  /** How long the newest row that was found is behind the end of the backup. */
  static Optional<Duration> recoveryPoint(SnapshotInfo info, Finding finding) {
    return finding
        .newestRow()
        .map(row -> Duration.between(row, info.finishedAt()))
        .map(age -> age.isNegative() ? Duration.ZERO : age);
  }
}
