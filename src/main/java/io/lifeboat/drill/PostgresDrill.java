package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.scratch.ManifestFinding;
import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.drill.scratch.ScratchRequest;
import io.lifeboat.drill.scratch.Startup;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PageDamage;
import io.lifeboat.repository.SnapshotReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Restores a cluster, boots it and asks it. For one thread, once. */
final class PostgresDrill implements ScratchDrill<PostgresScratch> {
  private static final Duration BOOT_PATIENCE = Duration.ofMinutes(30);
  private static final int MOST_PROBLEMS = 5;

  private final DrillRequest request;
  private final SnapshotReader snapshot;
  private final ClusterFacts facts;
  private final Course course;
  private final CheckLog checks;

  PostgresDrill(DrillRequest request, SnapshotReader snapshot, Course course) {
    this.request = request;
    this.snapshot = snapshot;
    this.facts = ClusterFacts.fromJson(snapshot.root().facts());
    this.course = course;
    this.checks = course.checks();
  }

  @Override
  public PostgresScratch allocate(ScratchFactory scratches) {
    return scratch(request, snapshot, facts, scratches);
  }

  /** A scratch for a copy of a cluster, if there is room for one. */
  static PostgresScratch scratch(
      DrillRequest request, SnapshotReader snapshot, ClusterFacts facts, ScratchFactory scratches) {
    ScratchKind kind = request.scratch().orElseGet(() -> unsaid(request, scratches));
    scratches.requireRoom(kind, snapshot.root().info().sizeBytes());
    return scratches.postgres(
        new ScratchRequest(request.drill(), kind, request.image(), request.programs(), facts));
  }

  /** A plan that names programs and no image has chosen already. */
  private static ScratchKind unsaid(DrillRequest request, ScratchFactory scratches) {
    return request.programs().isPresent() && request.image().isEmpty()
        ? ScratchKind.process
        : scratches.preferredKind();
  }

  @Override
  public Optional<Instant> prove(PostgresScratch scratch) {
    Optional<Instant> newestRow = proveAsFarAsItGoes(scratch);
    String reason =
        request.reaches(ProofLevel.L4)
            ? "the drill did not get as far"
            : "the plan's level ends before the boot";
    checks.skipMissing(request.checks(), reason);
    return newestRow;
  }

  private Optional<Instant> proveAsFarAsItGoes(PostgresScratch scratch) {
    course.phases().enterUnannounced("restore");
    if (!RestoreStep.run(
        snapshot, course.sabotage().target(scratch.target()), checks, course.progress())) {
      return Optional.empty();
    }
    course.phases().enter("manifest");
    manifest(scratch);
    boolean arrived = checks.isSound();
    pages();
    if (!arrived || !request.reaches(ProofLevel.L4)) {
      return Optional.empty();
    }
    course.phases().enter("boot");
    if (!boot(scratch)) {
      return Optional.empty();
    }
    course.phases().enter("check");
    return ask(new ClusterChecks(scratch, facts, checks), scratch);
  }

  /** A damaged page does not keep the drill from showing what else there is. */
  private void pages() {
    Optional<PageDamage> damage = facts.capture().flatMap(ClusterFacts.Capture::damage);
    if (damage.isPresent()) {
      checks.fail(BuiltInCheck.PAGES, damage.get().sentence());
    } else if ("on".equals(facts.settings().get("data_checksums"))) {
      checks.pass(BuiltInCheck.PAGES, "every page had its checksum when it was backed up");
    } else {
      checks.skipOptional(BuiltInCheck.PAGES, "the source gives its pages no checksums");
    }
  }

  /** Before the boot: a server changes files from its first moment on. */
  private void manifest(PostgresScratch scratch) {
    try {
      switch (scratch.verifyManifest(course.progress())) {
        case ManifestFinding.Sound sound -> checks.pass(BuiltInCheck.MANIFEST, sound.detail());
        case ManifestFinding.Broken broken ->
            checks.fail(BuiltInCheck.MANIFEST, head(broken.problems()));
        case ManifestFinding.NotChecked no -> checks.skip(BuiltInCheck.MANIFEST, no.reason());
      }
    } catch (LifeboatException e) {
      checks.broken(BuiltInCheck.MANIFEST, e);
    }
  }

  private boolean boot(PostgresScratch scratch) {
    try {
      switch (scratch.start(BOOT_PATIENCE, course.progress())) {
        case Startup.Ready ready -> {
          course.sabotage().booted(scratch, facts);
          return new ClusterChecks(scratch, facts, checks).identity();
        }
        case Startup.Ended ended ->
            BootFault.ofScratch(ended)
                .ifPresentOrElse(
                    line -> checks.error(BuiltInCheck.BOOTS, "the scratch could not: " + line),
                    () -> checks.fail(BuiltInCheck.BOOTS, "it ended: " + tail(ended.log())));
        case Startup.TimedOut late ->
            checks.error(
                BuiltInCheck.BOOTS,
                "not up within " + BOOT_PATIENCE + ", last heard: " + tail(late.log()));
      }
    } catch (LifeboatException e) {
      checks.broken(BuiltInCheck.BOOTS, e);
    }
    return false;
  }

  /**
   * The plan's own checks run whenever there is a server to ask, whatever level the plan wants: an
   * operator who wrote one down wants it answered.
   */
  private Optional<Instant> ask(ClusterChecks cluster, PostgresScratch scratch) {
    Optional<Instant> canary = Optional.empty();
    if (request.reaches(ProofLevel.L5)) {
      course.progress().checkCancelled();
      cluster.structure();
    }
    if (request.reaches(ProofLevel.L6)) {
      canary = cluster.canary(request.level().isPresent());
      new TruthChecks(scratch, facts.truth(), checks, course.progress()).run();
    }
    PlanChecks own = new PlanChecks(scratch, facts.contents().database(), checks);
    for (PlanConfig.Check check : request.checks()) {
      course.progress().checkCancelled();
      own.run(check);
    }
    return canary;
  }

  private static String head(List<String> problems) {
    String more =
        problems.size() > MOST_PROBLEMS
            ? " and " + (problems.size() - MOST_PROBLEMS) + " more"
            : "";
    return String.join("; ", problems.subList(0, Math.min(MOST_PROBLEMS, problems.size()))) + more;
  }

  private static String tail(List<String> log) {
    return String.join(" | ", log.subList(Math.max(0, log.size() - MOST_PROBLEMS), log.size()));
  }
}
