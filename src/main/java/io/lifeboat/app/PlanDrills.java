package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.ControlResult;
import io.lifeboat.drill.Damage;
import io.lifeboat.drill.DamagedStore;
import io.lifeboat.drill.DrillEngine;
import io.lifeboat.drill.DrillRequest;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.Freshness;
import io.lifeboat.drill.ObjectOrder;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.EvidenceLocker;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.FolderTarget;
import io.lifeboat.restore.RecoveryPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Runs drills by what plans say, or by what can be said without a plan when there is only a bucket
 * and a kit.
 */
final class PlanDrills implements AutoCloseable {
  private final Installation installation;
  private final OpenRepositories repositories;
  private final ScratchFactory scratches;
  private final DrillEngine engine;
  private final Clock clock;

  PlanDrills(Installation installation, OpenRepositories repositories, Clock clock) {
    this.installation = installation;
    this.repositories = repositories;
    this.clock = clock;
    this.scratches =
        new ScratchFactory(
            installation.workFolder().resolve("scratch"),
            FolderTarget::new,
            clock,
            installation.sources().values().stream().flatMap(PlanDrills::folders).toList());
    this.engine = new DrillEngine(scratches, clock);
  }

  /** Trees of which everything is backed up, and so would be whatever lies in them. */
  private static Stream<Path> folders(SourceConfig source) {
    return source instanceof SourceConfig.Files files && files.exclude().isEmpty()
        ? files.paths().stream()
        : Stream.empty();
  }

  /**
   * What is settled before a drill begins.
   *
   * @param how its snapshot was chosen
   * @param newest the newest point that the plan's source can be brought back to, where that is
   *     asked too
   * @param point finds a point in time behind the snapshot, where one is to be reached
   */
  record Chosen(
      String how, Optional<Instant> newest, Optional<Supplier<Optional<RecoveryPlan>>> point) {}

  DrillResult run(
      Engines.DrillOrder order,
      Repository repository,
      SnapshotInfo snapshot,
      Chosen chosen,
      Progress progress) {
    Instant requested = clock.instant();
    repository.requireOriginal(); // evidence goes into the log
    EvidenceLocker evidence = repository.evidence();
    PlanConfig plan = plan(order.plan(), snapshot);
    DrillRequest request =
        DrillRequest.of(order.drill(), "operator", requested, order.plan(), plan, order.scratch())
            .of(chosen.how(), repositories.keyring().readerFingerprints())
            .with(chosen.newest().flatMap(point -> freshness(plan, point)))
            .to(chosen.point());
    return engine.run(
        request,
        snapshot,
        () -> repository.read(snapshot.id()),
        repositories.keyring().signer(),
        (drill, record) -> evidence.keep(snapshot.source(), drill, record),
        progress);
  }

  /**
   * Runs negative controls, one after the other.
   *
   * @param newest the newest point that the plan's source can be brought back to
   */
  ControlReport controls(
      Engines.ControlOrder order,
      Repository repository,
      SnapshotInfo snapshot,
      Instant newest,
      Progress progress) {
    PlanConfig plan = plan(order.plan(), snapshot);
    var results = new ArrayList<ControlResult>();
    for (Damage damage : Damage.of(snapshot.sourceType())) {
      DrillRequest request =
          DrillRequest.of(
                  order.drill() + "-" + damage.text(),
                  "operator",
                  clock.instant(),
                  order.plan(),
                  plan,
                  Optional.empty())
              .with(freshness(plan, newest));
      if (damage.concerns(request)
          && (order.damage().isEmpty() || order.damage().get() == damage)) {
        progress.checkCancelled();
        progress.event("Control: " + damage.text());
        ControlResult result =
            engine.control(
                damage,
                request,
                snapshot,
                () -> damaged(repository, damage).read(snapshot.id()),
                progress);
        progress.event(damage.text() + " " + result.outcome() + ": " + result.detail());
        results.add(result);
      }
    }
    if (results.isEmpty()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The drills of plan " + order.plan() + " do not look for such a damage",
          "Snapshots of type "
              + snapshot.sourceType()
              + " can have "
              + String.join(
                  ", ", Damage.of(snapshot.sourceType()).stream().map(Damage::text).toList())
              + ".");
    }
    return new ControlReport(order.plan(), snapshot.id(), results);
  }

  private static Repository damaged(Repository repository, Damage damage) {
    return switch (damage.kind()) {
      case OBJECT ->
          repository.behind(store -> new DamagedStore(store, Repository::holdsContents, damage));
      case KEY -> repository.withForeignIdentity();
      case AGE, CONTENT -> repository;
    };
  }

  private PlanConfig plan(String name, SnapshotInfo snapshot) {
    return installation.plans().getOrDefault(name, bare(snapshot));
  }

  private static Optional<Freshness> freshness(PlanConfig plan, Instant newest) {
    return plan.objectives()
        .flatMap(PlanConfig.Objectives::rpo)
        .map(rpo -> new Freshness(newest, rpo));
  }

  /** A plan that asks for nothing but what every snapshot must hold. */
  private static PlanConfig bare(SnapshotInfo snapshot) {
    return new PlanConfig(
        snapshot.source(),
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  /** Where a source's copies are started: as the drills of a plan of it are. */
  ObjectOrder.Place place(String source) {
    return installation.plans().values().stream()
        .filter(plan -> plan.source().equals(source))
        .flatMap(plan -> plan.drill().stream())
        .findFirst()
        .map(drill -> new ObjectOrder.Place(drill.scratch(), drill.image(), drill.programs()))
        .orElseGet(ObjectOrder.Place::any);
  }

  /** Scratch of this installation: its janitor and its count. */
  ScratchFactory scratches() {
    return scratches;
  }

  @Override
  public void close() {
    scratches.close();
  }
}
