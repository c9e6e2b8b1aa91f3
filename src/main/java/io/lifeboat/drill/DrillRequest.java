package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.restore.RecoveryPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is to be proven, and to whom it is owed.
 *
 * @param drill the drill's id
 * @param requestedAt when it was asked for: the recovery time is counted from here, waiting
 *     included
 * @param actor who asked: a person, a token, the schedule
 * @param plan the plan's name
 * @param planDigest SHA-256 of the plan, in hexadecimal: a proof is one of the plan as it was
 * @param scratch where to restore a cluster; docker if empty and an engine answers, else process
 * @param level how far to go; empty for as far as the snapshot allows
 * @param checks what the plan asks the restored database
 * @param rpo objective
 * @param rto objective
 * @param provenWithin how long the proof counts
 * @param selection how the snapshot came to be chosen
 * @param identities fingerprints of the recovery identities that it is read with
 * @param freshness how old the source's newest point may be; empty where the plan has no objective
 *     or an older snapshot is proven
 * @param point finds a point in time behind the snapshot that it must lead to as well, if there is
 *     any write-ahead log behind it
 */
public record DrillRequest(
    String drill,
    Instant requestedAt,
    String actor,
    String plan,
    String planDigest,
    Optional<ScratchKind> scratch,
    Optional<String> image,
    Optional<Path> programs,
    Optional<ProofLevel> level,
    List<PlanConfig.Check> checks,
    Optional<Duration> rpo,
    Optional<Duration> rto,
    Optional<Duration> provenWithin,
    String selection,
    List<String> identities,
    Optional<Freshness> freshness,
    Optional<Supplier<Optional<RecoveryPlan>>> point) {
  /** Copies the lists. */
  public DrillRequest {
    checks = List.copyOf(checks);
    identities = List.copyOf(identities);
  }

  /** Of a snapshot that somebody named, whatever its age. */
  public DrillRequest(
      String drill,
      Instant requestedAt,
      String actor,
      String plan,
      String planDigest,
      Optional<ScratchKind> scratch,
      Optional<String> image,
      Optional<Path> programs,
      Optional<ProofLevel> level,
      List<PlanConfig.Check> checks,
      Optional<Duration> rpo,
      Optional<Duration> rto,
      Optional<Duration> provenWithin) {
    this(
        drill,
        requestedAt,
        actor,
        plan,
        planDigest,
        scratch,
        image,
        programs,
        level,
        checks,
        rpo,
        rto,
        provenWithin,
        SnapshotChoice.NAMED,
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * What a plan asks for.
   *
   * @param scratch instead of the plan's
   * @throws PermanentException with code {@code CONFIG_INVALID} if the plan's level is none
   */
  public static DrillRequest of(
      String drill,
      String actor,
      Instant requestedAt,
      String name,
      PlanConfig plan,
      Optional<ScratchKind> scratch) {
    Optional<PlanConfig.Drill> policy = plan.drill();
    Optional<PlanConfig.Objectives> objectives = plan.objectives();
    return new DrillRequest(
        drill,
        requestedAt,
        actor,
        name,
        PlanDigest.of(plan),
        scratch.or(() -> policy.flatMap(PlanConfig.Drill::scratch)),
        policy.flatMap(PlanConfig.Drill::image),
        policy.flatMap(PlanConfig.Drill::programs),
        policy.flatMap(PlanConfig.Drill::level).map(DrillRequest::level),
        policy.map(PlanConfig.Drill::checks).orElse(List.of()),
        objectives.flatMap(PlanConfig.Objectives::rpo),
        objectives.flatMap(PlanConfig.Objectives::rto),
        objectives.flatMap(PlanConfig.Objectives::provenWithin));
  }

  /** The same for a snapshot that came to be chosen so, and is read with these identities. */
  public DrillRequest of(String chosen, List<String> readWith) {
    return with(chosen, readWith, freshness, point);
  }

  /** The same drill, which also tells whether the source's newest point is fresh. */
  public DrillRequest with(Optional<Freshness> newest) {
    return with(selection, identities, newest, point);
  }

  /** The same drill, which also tells whether a point in time behind the snapshot is reached. */
  public DrillRequest to(Optional<Supplier<Optional<RecoveryPlan>>> behind) {
    return with(selection, identities, freshness, behind);
  }

  private DrillRequest with(
      String chosen,
      List<String> readWith,
      Optional<Freshness> newest,
      Optional<Supplier<Optional<RecoveryPlan>>> behind) {
    return new DrillRequest(
        drill,
        requestedAt,
        actor,
        plan,
        planDigest,
        scratch,
        image,
        programs,
        level,
        checks,
        rpo,
        rto,
        provenWithin,
        chosen,
        readWith,
        newest,
        behind);
  }

  private static ProofLevel level(String text) {
    for (ProofLevel level : ProofLevel.values()) {
      if (level.name().equals(text)) {
        return level;
      }
    }
    throw new PermanentException(
        ErrorCode.CONFIG_INVALID, "There is no proof level \"" + text + "\"", "Use L0 to L7.");
  }

  /** Whether checks of this level belong to the drill. */
  boolean reaches(ProofLevel checked) {
    return level.map(wanted -> checked.compareTo(wanted) <= 0).orElse(true);
  }
}
