package io.lifeboat.operation;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.config.Spelling;
import io.lifeboat.config.Tags;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.ControlResult;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectDestination;
import io.lifeboat.drill.ObjectOrder;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.drill.SnapshotChoice;
import io.lifeboat.drill.TableName;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Operation.Order;
import io.lifeboat.operation.Operation.Outcome;
import io.lifeboat.operation.Operation.Subject;
import io.lifeboat.operation.Operation.Trigger;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.RecoveryGoal;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreSelection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns "back this plan up", "prove it", "bring that back" into operations. Everything that can be
 * refused without reading a repository is refused here, before anything is accepted. Thread-safe.
 */
public final class PlanRuns {
  private final Settings settings;
  private final Engines engines;
  private final OperationService operations;
  private final RestoreTargets targets;
  private final ResultFormat format;
  private final BackupGate gate;

  /** What a plan's backup waits for before it begins. */
  @FunctionalInterface
  public interface BackupGate {
    /** Waits; tells what it could not wait for as an event. */
    void await(String plan, Progress progress);
  }

  /** Runs the plans of one configuration. */
  public PlanRuns(
      Settings settings,
      Engines engines,
      OperationService operations,
      RestoreTargets targets,
      ResultFormat format,
      BackupGate gate) {
    this.settings = settings;
    this.engines = engines;
    this.operations = operations;
    this.targets = targets;
    this.format = format;
    this.gate = gate;
  }

  /**
   * Who asks.
   *
   * @param idempotencyKey under which the same request may come again
   */
  public record Requester(String name, Optional<String> idempotencyKey) {
    Optional<IdempotencyKey> key(String payload) {
      return idempotencyKey.map(key -> IdempotencyKey.of(name, key, payload));
    }
  }

  /** What to restore, as it was asked for. */
  public record RestoreRequest(
      String source,
      Optional<String> snapshot,
      Optional<String> path,
      String target,
      Optional<RecoveryGoal> goal) {}

  /**
   * Which database or table to restore, as it was asked for.
   *
   * @param target a file or folder of the service's machine; this or {@code into}
   * @param into {@code source}: beside the original. The service connects to no other server
   * @param as the new table's name there
   */
  public record ObjectRequest(
      String source,
      Optional<String> snapshot,
      Optional<RecoveryGoal> goal,
      String database,
      Optional<TableName> table,
      Optional<String> target,
      Optional<String> format,
      Optional<String> into,
      Optional<String> as) {}

  /** What to prove, as it was asked for. */
  public record DrillRequest(
      String plan,
      Optional<String> snapshot,
      Optional<PlanConfig.ScratchKind> scratch,
      Optional<SnapshotChoice> choice) {
    /** As the plan says. */
    static DrillRequest of(String plan) {
      return new DrillRequest(plan, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * Starts a backup.
   *
   * @throws PermanentException with code {@code PLAN_UNKNOWN} or {@code USAGE_INVALID}
   */
  public Operation backup(Engines.BackupOrder request, Requester requester) {
    var order = order(OperationType.BACKUP, request.plan(), requester.name(), Trigger.API);
    List<String> tags = Tags.joined(plan(request.plan()).tags(), request.tags());
    String payload = "BACKUP " + request.plan() + (request.tags().isEmpty() ? "" : " " + tags);
    return operations.start(order, requester.key(payload), backupWork(request));
  }

  /**
   * Starts a drill. Its id is its operation's with another prefix: {@link #drillOf}.
   *
   * @throws PermanentException with code {@code PLAN_UNKNOWN}
   */
  public Operation drill(DrillRequest request, Requester requester) {
    var order = order(OperationType.DRILL, request.plan(), requester.name(), Trigger.API);
    return operations.start(order, requester.key(request.toString()), drillWork(request));
  }

  /**
   * Starts the negative controls of a plan.
   *
   * @throws PermanentException with code {@code PLAN_UNKNOWN}
   */
  public Operation controls(String plan, Requester requester) {
    var order = order(OperationType.CONTROLS, plan, requester.name(), Trigger.API);
    return operations.start(order, requester.key("CONTROLS " + plan), controlsWork(plan));
  }

  /**
   * Starts a restore.
   *
   * @throws PermanentException with code {@code SOURCE_UNKNOWN}, or what {@link RestoreTargets}
   *     says
   */
  public Operation restore(RestoreRequest request, Requester requester) {
    source(request.source());
    Path target = targets.checked(request.target());
    var engineOrder =
        new Engines.RestoreOrder(
            request.source(),
            request.snapshot(),
            request.path().map(RestoreSelection::of).orElseGet(RestoreSelection::everything),
            target,
            RestoreOptions.intoEmpty(),
            request.goal());
    return operations.start(
        restoreOf(request.source(), requester),
        requester.key(request.toString()),
        (id, progress) -> {
          RestoreResult result = engines.restore(engineOrder, progress);
          result.notes().forEach(progress::event);
          return new Outcome(
              format.restore(id, result),
              Optional.empty(),
              Map.of("bytes", (double) result.bytes(), "seconds", seconds(result.took())));
        });
  }

  /**
   * Starts the restore of a database or a table.
   *
   * @throws PermanentException with code {@code SOURCE_UNKNOWN}, {@code USAGE_INVALID}, or what
   *     {@link RestoreTargets} says
   */
  public Operation restoreObject(ObjectRequest request, Requester requester) {
    ObjectDestination destination = destination(request, source(request.source()));
    RecoveryGoal goal = request.goal().orElseGet(RecoveryGoal::snapshotItself);
    return operations.start(
        restoreOf(request.source(), requester),
        requester.key(request.toString()),
        (id, progress) -> {
          var wanted =
              new ObjectOrder(
                  id, request.database(), request.table(), destination, ObjectOrder.Place.any());
          ObjectResult result =
              engines.restoreObject(
                  new Engines.ObjectRestore(request.source(), request.snapshot(), goal, wanted),
                  progress);
          return new Outcome(
              format.object(id, result),
              Optional.empty(),
              Map.of("bytes", (double) result.bytes(), "seconds", seconds(result.took())));
        });
  }

  private static Order restoreOf(String source, Requester requester) {
    return new Order(
        OperationType.RESTORE,
        Optional.empty(),
        new Subject.Source(source),
        requester.name(),
        Trigger.API);
  }

  private SourceConfig source(String name) {
    return Optional.ofNullable(settings.sources().get(name))
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.SOURCE_UNKNOWN,
                "There is no source '" + name + "'",
                Spelling.hint(name, settings.sources().keySet())));
  }

  private ObjectDestination destination(ObjectRequest request, SourceConfig source) {
    if (request.target().isPresent() == request.into().isPresent()
        || request.into().filter(into -> !into.equals("source")).isPresent()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "It is not said where the table goes: either to a target file, or into the source",
          "Give \"target\": \"/folder/file\", or \"into\": \"source\".");
    }
    PostgresAddress server = ObjectDestination.serverOf(source, request.database());
    ObjectDestination destination =
        request
            .target()
            .map(text ->
                ObjectDestination.file(
                    targets.checkedFile(text), request.format(), request.table().isPresent()))
            .orElseGet(() ->
                ObjectDestination.beside(
                    server, request.table().orElseThrow(PlanRuns::noTable), request.as()));
    // Refuses now what it would refuse later.
    new ObjectOrder("", request.database(), request.table(), destination, ObjectOrder.Place.any());
    return destination;
  }

  private static PermanentException noTable() {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        "A whole database is not loaded into the source",
        "Name a table, or give a target file.");
  }

  /**
   * Starts a run that a schedule asks for, unless the same is waiting or running.
   *
   * @param reason noted with what is in the way
   */
  public Optional<Operation> scheduled(String plan, OperationType type, String reason) {
    var order = order(type, plan, "schedule", Trigger.SCHEDULE);
    return operations.startUnlessBusy(
        order,
        reason,
        switch (type) {
          case BACKUP -> backupWork(Engines.BackupOrder.of(plan));
          case DRILL -> drillWork(DrillRequest.of(plan));
          case CONTROLS -> controlsWork(plan);
          case RESTORE, PRUNE, VERIFY ->
              throw new IllegalArgumentException(type + " is not a plan's to schedule");
        });
  }

  /** The id of the drill that an operation runs. */
  public static String drillOf(String operation) {
    return "dr_" + operation.substring("op_".length());
  }

  private Work backupWork(Engines.BackupOrder order) {
    return (id, progress) -> {
      gate.await(order.plan(), progress);
      BackupResult result = engines.backup(order, progress);
      result.warnings().forEach(progress::event);
      if (result.bytesReused() > 0) {
        progress.event(result.bytesReused() + " bytes were stored by runs that did not end");
      }
      return new Outcome(
          format.backup(id, result),
          Optional.empty(),
          Map.of(
              "bytesRead", (double) result.bytesRead(),
              "bytesStored", (double) result.bytesStored(),
              "bytesReused", (double) result.bytesReused(),
              "seconds", seconds(result.took())),
          result.failure().map(PlanRuns::failure));
    };
  }

  private static Operation.Failure failure(LifeboatException e) {
    return new Operation.Failure(e.code().name(), String.valueOf(e.getMessage()), e.hint());
  }

  private Work drillWork(DrillRequest request) {
    return (id, progress) -> {
      var order =
          new Engines.DrillOrder(
              drillOf(id), request.plan(), request.snapshot(), request.scratch(), request.choice());
      DrillResult result = engines.drill(order, progress);
      var measures = new HashMap<String, Double>();
      measures.put("rtoSeconds", seconds(result.rto()));
      result.rpo().ifPresent(rpo -> measures.put("rpoSeconds", seconds(rpo)));
      return new Outcome(format.drill(id, result), Optional.of(result.verdict().name()), measures);
    };
  }

  private Work controlsWork(String plan) {
    return (id, progress) -> {
      ControlReport report =
          engines.controls(new Engines.ControlOrder(drillOf(id), plan, Optional.empty()), progress);
      return new Outcome(
          format.controls(id, report),
          Optional.of(report.outcome().name()),
          Map.of(),
          report.of(ControlResult.Outcome.MISSED).stream()
              .findFirst()
              .map(missed ->
                  new Operation.Failure(
                      ErrorCode.CONTROL_MISSED.name(),
                      "A drill did not find the damage "
                          + missed.damage().text()
                          + ": "
                          + missed.detail(),
                      "Believe no drill of plan " + plan + " until this is mended.")));
    };
  }

  private Order order(OperationType type, String plan, String requestedBy, Trigger trigger) {
    var source = new Subject.Source(plan(plan).source());
    return new Order(type, Optional.of(plan), source, requestedBy, trigger);
  }

  private PlanConfig plan(String name) {
    PlanConfig plan = settings.plans().get(name);
    if (plan == null) {
      throw new PermanentException(
          ErrorCode.PLAN_UNKNOWN,
          "There is no plan '" + name + "'",
          Spelling.hint(name, settings.plans().keySet()));
    }
    return plan;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
