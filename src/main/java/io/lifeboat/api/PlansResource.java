package io.lifeboat.api;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.Spelling;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.ProofCoverage;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.schedule.PlanScheduler;
import io.lifeboat.wal.WalStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows plans with what became of them, and the snapshots there are. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public final class PlansResource {
  private static final int NEXT_RUNS = 3;

  private final Settings settings;
  private final Engines engines;
  private final OperationStore store;
  private final SkippedRuns skipped;
  private final PlanScheduler scheduler;
  private final Supplier<Map<String, WalStatus>> wal;

  PlansResource(
      Settings settings,
      Engines engines,
      OperationStore store,
      SkippedRuns skipped,
      PlanScheduler scheduler,
      Supplier<Map<String, WalStatus>> wal) {
    this.settings = settings;
    this.engines = engines;
    this.store = store;
    this.skipped = skipped;
    this.scheduler = scheduler;
    this.wal = wal;
  }

  /** All plans. */
  record Plans(List<PlanView> plans, Optional<Unreadable> snapshotsUnreadable) {}

  /** Why no snapshots are shown. */
  record Unreadable(String code, String message, String hint) {}

  /** A plan and what became of it. */
  record PlanView(
      String name,
      String source,
      String repository,
      Optional<PlanConfig.Objectives> objectives,
      Optional<Runs> backups,
      Optional<Runs> drills,
      Optional<Runs> controls,
      Optional<WalView> wal,
      Optional<SnapshotView> newestSnapshot) {}

  /** A plan's backups or drills. */
  record Runs(
      Optional<String> cron,
      Optional<String> zone,
      List<Instant> next,
      Optional<OperationView> last,
      Optional<SkippedRuns.SkippedRun> lastSkipped) {}

  /** A snapshot, named as the command line names its parts. */
  record SnapshotView(
      String id,
      String source,
      String plan,
      Instant startedAt,
      Instant finishedAt,
      long bytes,
      long bytesStored,
      long files,
      List<String> tags,
      Optional<SnapshotInfo.Proof> proof,
      ProofStanding standing,
      Optional<String> heldBecause) {
    static SnapshotView of(Engines.Listed listed) {
      SnapshotInfo info = listed.info();
      return new SnapshotView(
          info.id(),
          info.source(),
          info.plan(),
          info.startedAt(),
          info.finishedAt(),
          info.sizeBytes(),
          info.storedBytes(),
          info.files(),
          info.tags(),
          info.proof(),
          listed.standing(),
          listed.heldBecause());
    }
  }

  /** All plans, by name. They are shown even if no repository answers. */
  @GET
  @Path("/plans")
  public Plans plans() {
    List<Engines.Listed> snapshots = List.of();
    Optional<Unreadable> unreadable = Optional.empty();
    try {
      snapshots = engines.listed(Optional.empty());
    } catch (LifeboatException e) {
      unreadable =
          Optional.of(new Unreadable(e.code().name(), String.valueOf(e.getMessage()), e.hint()));
    }
    var known = snapshots;
    Map<String, WalStatus> streams = wal.get();
    var plans =
        new TreeMap<>(settings.plans())
            .entrySet().stream()
                .map(it -> plan(it.getKey(), it.getValue(), known, streams))
                .toList();
    return new Plans(plans, unreadable);
  }

  private PlanView plan(
      String name,
      PlanConfig plan,
      List<Engines.Listed> snapshots,
      Map<String, WalStatus> streams) {
    return new PlanView(
        name,
        plan.source(),
        plan.repository(),
        plan.objectives(),
        Optional.of(runs(name, OperationType.BACKUP, plan.schedule())),
        plan.drill().map(drill -> runs(name, OperationType.DRILL, drill.schedule())),
        plan.drill().map(drill -> runs(name, OperationType.CONTROLS, drill.controls())),
        Optional.ofNullable(streams.get(name)).map(WalView::of),
        snapshots.stream()
            .filter(snapshot -> snapshot.info().plan().equals(name))
            .findFirst()
            .map(SnapshotView::of));
  }

  private Runs runs(String plan, OperationType type, Optional<PlanConfig.Schedule> schedule) {
    return new Runs(
        schedule.map(PlanConfig.Schedule::cron),
        schedule.map(it -> it.zone().map(Object::toString).orElse("UTC")),
        scheduler.next(plan, type, NEXT_RUNS),
        store.list(OperationStore.Filter.of(plan, type), Optional.empty(), 1).stream()
            .findFirst()
            .map(OperationView::of),
        skipped.last(plan, type));
  }

  /** Streams of WAL, by plan. */
  record WalStreams(Map<String, WalView> streams) {}

  /** How each plan's stream of WAL fares; no repository is asked. */
  @GET
  @Path("/wal")
  public WalStreams wal() {
    Map<String, WalView> streams = new TreeMap<>();
    wal.get().forEach((plan, status) -> streams.put(plan, WalView.of(status)));
    return new WalStreams(streams);
  }

  /** How much is proven. */
  record Proofs(List<ProofCoverage> plans) {}

  /** How much of what each plan keeps is proven, or of one plan. */
  @GET
  @Path("/proofs")
  public Proofs proofs(@QueryParam("plan") @Nullable String plan) {
    if (plan != null && !settings.plans().containsKey(plan)) {
      throw new PermanentException(
          ErrorCode.PLAN_UNKNOWN,
          "There is no plan '" + plan + "'",
          Spelling.hint(plan, settings.plans().keySet()));
    }
    return new Proofs(engines.proofs(Optional.ofNullable(plan)));
  }

  /** Snapshots. */
  record Snapshots(List<SnapshotView> snapshots) {}

  /** All snapshots, or those of one source or with one tag, newest first. */
  @GET
  @Path("/snapshots")
  public Snapshots snapshots(
      @QueryParam("source") @Nullable String source, @QueryParam("tag") @Nullable String tag) {
    if (source != null && !settings.sources().containsKey(source)) {
      throw new PermanentException(
          ErrorCode.SOURCE_UNKNOWN,
          "There is no source '" + source + "'",
          Spelling.hint(source, settings.sources().keySet()));
    }
    return new Snapshots(
        engines.listed(Optional.ofNullable(source)).stream()
            .filter(snapshot -> tag == null || snapshot.info().tags().contains(tag))
            .map(SnapshotView::of)
            .toList());
  }
}
