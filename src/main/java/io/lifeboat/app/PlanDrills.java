package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.DrillEngine;
import io.lifeboat.drill.DrillRequest;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.EvidenceStore;
import io.lifeboat.drill.ObjectOrder;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.operation.Engines;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.EvidenceLocker;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.FolderTarget;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
        new ScratchFactory(installation.workFolder().resolve("scratch"), FolderTarget::new, clock);
    this.engine = new DrillEngine(scratches, clock);
  }

  DrillResult run(
      Engines.DrillOrder order, Repository repository, SnapshotInfo snapshot, Progress progress) {
    Instant requested = clock.instant();
    repository.requireOriginal(); // evidence goes into the log
    PlanConfig plan = installation.plans().getOrDefault(order.plan(), bare(snapshot));
    DrillRequest request =
        DrillRequest.of(order.drill(), "operator", requested, order.plan(), plan, order.scratch());
    return engine.run(
        request,
        snapshot,
        () -> repository.read(snapshot.id()),
        repositories.keyring().signer(),
        new Locker(repository.evidence(), snapshot.source()),
        progress);
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
        List.of());
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

  /** Evidence beside the backups. */
  private record Locker(EvidenceLocker evidence, String source) implements EvidenceStore {
    @Override
    public String previous() {
      return evidence.previous();
    }

    @Override
    public String keep(DrillSummary drill, byte[] signed) {
      return evidence.keep(source, drill, signed);
    }
  }

  @Override
  public void close() {
    scratches.close();
  }
}
