package io.lifeboat.drill;

import io.lifeboat.drill.scratch.ScratchFacts;
import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything that a finished drill has to say, before it is written down as evidence. */
record DrillOutcome(
    Verdict verdict,
    Optional<ProofLevel> level,
    Duration rto,
    Optional<Duration> rpo,
    List<ObjectiveResult> objectives,
    Map<String, Duration> phases,
    List<CheckResult> checks,
    Optional<ScratchFacts> scratch,
    List<String> leaked,
    Instant finishedAt) {

  static DrillOutcome of(
      DrillRequest request, SnapshotInfo info, Course course, Finding finding, Instant now) {
    Duration rto = Duration.between(request.requestedAt(), finding.lastCheckAt());
    Optional<Duration> rpo = DrillEngine.recoveryPoint(info, finding);
    List<ObjectiveResult> objectives = new ArrayList<>();
    request
        .rto()
        .ifPresent(wanted -> objectives.add(ObjectiveResult.of("rto", wanted, Optional.of(rto))));
    request.rpo().ifPresent(wanted -> objectives.add(ObjectiveResult.of("rpo", wanted, rpo)));
    return new DrillOutcome(
        verdict(course.checks().verdict(), finding.leaked()),
        course.checks().level(),
        rto,
        rpo,
        List.copyOf(objectives),
        course.phases().durations(),
        course.checks().results(),
        finding.scratch(),
        finding.leaked(),
        now);
  }

  /** A drill is only finished once it is clean, so one that is not cannot pass. */
  private static Verdict verdict(Verdict ofChecks, List<String> leaked) {
    return switch (ofChecks) {
      case PASS, SKIPPED -> leaked.isEmpty() ? ofChecks : Verdict.ERROR;
      case FAIL, ERROR -> ofChecks;
    };
  }

  DrillSummary summary(DrillRequest request, SnapshotInfo info) {
    return new DrillSummary(
        request.drill(),
        info.id(),
        verdict.name(),
        level.map(ProofLevel::name).orElse(""),
        finishedAt,
        Optional.of(
            new DrillSummary.Terms(
                request.plan(),
                request.planDigest(),
                request.identities(),
                scratch.map(ScratchFacts::image).orElse(""),
                scratch.map(ScratchFacts::version).orElse(""),
                request.provenWithin().map(finishedAt::plus),
                info.startedAt(),
                rto.toMillis(),
                info.sizeBytes())));
  }

  DrillResult result(DrillRequest request, SnapshotInfo info, String evidence) {
    return new DrillResult(
        request.drill(),
        info.id(),
        verdict,
        level,
        rto,
        rpo,
        objectives,
        phases,
        checks,
        evidence,
        request.selection());
  }
}
