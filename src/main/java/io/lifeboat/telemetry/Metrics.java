package io.lifeboat.telemetry;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.drill.Verdict;
import io.lifeboat.operation.Engines;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.OperationStore.Tally;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.ProofCoverage;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.schedule.PlanScheduler;
import io.lifeboat.wal.WalStatus;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Lifeboat's metrics. Labels name plans, sources, repositories, levels and outcomes only; times are
 * instants rather than ages, so that an alert still fires when the service does not run.
 */
public final class Metrics {
  private static final String PREFIX = "lifeboat_";

  private static final List<OperationType> PLANNED =
      List.of(OperationType.BACKUP, OperationType.DRILL, OperationType.CONTROLS);

  private final Sources sources;
  private final PrometheusRegistry registry = new PrometheusRegistry();

  /**
   * Where the numbers come from.
   *
   * @param scratch how many scratch environments there are now
   * @param wal how each plan's stream of WAL fares
   */
  public record Sources(
      Settings settings,
      OperationStore store,
      SkippedRuns skipped,
      PlanScheduler scheduler,
      KnownSnapshots snapshots,
      IntSupplier scratch,
      Supplier<Map<String, WalStatus>> wal,
      String version) {}

  private Metrics(Sources sources) {
    this.sources = sources;
  }

  /** A registry with all metrics, and those of the Java machine. */
  public static PrometheusRegistry registry(Sources sources) {
    var metrics = new Metrics(sources);
    metrics.runs();
    metrics.lastRuns();
    metrics.recoveryPoints();
    metrics.coverage();
    metrics.objectives();
    metrics.schedules();
    RepositoryMetrics.register(sources, metrics.registry);
    WalMetrics.register(sources, metrics.registry);
    metrics.service();
    JvmMetrics.builder().register(metrics.registry);
    return metrics.registry;
  }

  private void runs() {
    counter("backup_runs", "Backups that ended, by how", "plan", "source", "result")
        .callback(callback -> {
          for (Tally tally : sources.store().tallies()) {
            if (tally.type() == OperationType.BACKUP && tally.state().isFinal()) {
              callback.call(tally.count(), plan(tally), source(tally), lower(tally.state().name()));
            }
          }
        })
        .register(registry);
    counter("restore_runs", "Restores that ended, by how", "source", "result")
        .callback(callback -> {
          for (Tally tally : sources.store().tallies()) {
            if (tally.type() == OperationType.RESTORE && tally.state().isFinal()) {
              callback.call(tally.count(), source(tally), lower(tally.state().name()));
            }
          }
        })
        .register(registry);
    counter(
            "drill_runs",
            "Drills that ended: pass, fail, error and skipped are verdicts, the rest never reached"
                + " one",
            "plan",
            "source",
            "result")
        .callback(callback -> {
          for (Tally tally : sources.store().tallies()) {
            if (tally.type() == OperationType.DRILL && tally.state().isFinal()) {
              String result = tally.verdict().orElse(tally.state().name());
              callback.call(tally.count(), plan(tally), source(tally), lower(result));
            }
          }
        })
        .register(registry);
    counter(
            "control_runs",
            "Negative controls that ended: found (every damage), missed (drills cannot be"
                + " believed), untried (not all could be tried); the rest came to no outcome",
            "plan",
            "source",
            "result")
        .callback(callback -> {
          for (Tally tally : sources.store().tallies()) {
            if (tally.type() == OperationType.CONTROLS && tally.state().isFinal()) {
              String result = tally.verdict().orElse(tally.state().name());
              callback.call(tally.count(), plan(tally), source(tally), lower(result));
            }
          }
        })
        .register(registry);
    gauge("operations", "Operations in the history, by state", "type", "state")
        .callback(callback -> {
          var seen = new java.util.TreeMap<String, Long>();
          for (Tally tally : sources.store().tallies()) {
            seen.merge(tally.type() + " " + tally.state(), tally.count(), Long::sum);
          }
          for (OperationType type : OperationType.values()) {
            for (OperationState state : OperationState.values()) {
              long count = seen.getOrDefault(type + " " + state, 0L);
              callback.call(count, lower(type.name()), lower(state.name()));
            }
          }
        })
        .register(registry);
  }

  private void lastRuns() {
    perTally(
        "backup_last_success_timestamp_seconds",
        "When the last backup succeeded",
        tally -> tally.type() == OperationType.BACKUP && tally.state() == OperationState.SUCCEEDED);
    perTally(
        "drill_last_success_timestamp_seconds",
        "When the last drill with verdict PASS ended",
        tally ->
            tally.type() == OperationType.DRILL
                && tally.verdict().filter(Verdict.PASS.name()::equals).isPresent());
    lastMeasure(
        "backup_last_read_bytes", "What the last backup read", OperationType.BACKUP, "bytesRead");
    lastMeasure(
        "backup_last_stored_bytes",
        "What the last backup added to its repository",
        OperationType.BACKUP,
        "bytesStored");
    lastMeasure(
        "backup_last_duration_seconds",
        "How long the last backup took",
        OperationType.BACKUP,
        "seconds");
    lastMeasure(
        "drill_last_rto_seconds",
        "From the last drill's request to its last check",
        OperationType.DRILL,
        "rtoSeconds");
    lastMeasure(
        "drill_last_rpo_seconds",
        "What a loss would have cost, measured by the last drill",
        OperationType.DRILL,
        "rpoSeconds");
  }

  private void perTally(String name, String help, java.util.function.Predicate<Tally> which) {
    gauge(name, help, "plan", "source")
        .callback(callback -> {
          for (Tally tally : sources.store().tallies()) {
            if (which.test(tally)) {
              tally
                  .lastFinished()
                  .ifPresent(at -> callback.call(seconds(at), plan(tally), source(tally)));
            }
          }
        })
        .register(registry);
  }

  private void lastMeasure(String name, String help, OperationType type, String measure) {
    gauge(name, help, "plan", "source")
        .callback(callback ->
            sources
                .settings()
                .plans()
                .forEach((plan, config) ->
                    lastSucceeded(plan, type)
                        .flatMap(Operation::outcome)
                        .map(outcome -> outcome.measures().get(measure))
                        .ifPresent(number -> callback.call(number, plan, config.source()))))
        .register(registry);
  }

  private Optional<Operation> lastSucceeded(String plan, OperationType type) {
    var filter = OperationStore.Filter.of(plan, type).in(OperationState.SUCCEEDED);
    return sources.store().list(filter, Optional.empty(), 1).stream().findFirst();
  }

  private void recoveryPoints() {
    gauge("recovery_point_timestamp_seconds", "The newest snapshot's instant", "source")
        .callback(callback -> {
          var done = new HashSet<String>();
          for (SnapshotInfo snapshot : newestFirst()) {
            if (done.add(snapshot.source())) {
              callback.call(seconds(snapshot.startedAt()), snapshot.source());
            }
          }
        })
        .register(registry);
    gauge("backup_last_size_bytes", "What a restore of the newest snapshot writes", "source")
        .callback(callback -> {
          var done = new HashSet<String>();
          for (SnapshotInfo snapshot : newestFirst()) {
            if (done.add(snapshot.source())) {
              callback.call(snapshot.sizeBytes(), snapshot.source());
            }
          }
        })
        .register(registry);
    gauge(
            "verified_recovery_point_timestamp_seconds",
            "The instant of the newest snapshot that a drill proved to this level, by a proof that"
                + " was not revoked",
            "source",
            "level")
        .callback(callback -> {
          Set<String> done = new HashSet<>();
          for (Engines.Listed listed : listed()) {
            SnapshotInfo snapshot = listed.info();
            for (ProofLevel level : ProofLevel.values()) {
              if (isProven(listed.standing(), level) && done.add(snapshot.source() + " " + level)) {
                callback.call(seconds(snapshot.startedAt()), snapshot.source(), level.name());
              }
            }
          }
        })
        .register(registry);
  }

  private List<SnapshotInfo> newestFirst() {
    return listed().stream().map(Engines.Listed::info).toList();
  }

  private List<Engines.Listed> listed() {
    return sources.snapshots().list().stream()
        .sorted(
            Comparator.comparing((Engines.Listed listed) -> listed.info().startedAt()).reversed())
        .toList();
  }

  /** One that only aged is an instant still, whose age an alert judges. */
  private static boolean isProven(ProofStanding standing, ProofLevel level) {
    boolean counts =
        switch (standing.status()) {
          case VALID, EXPIRED -> true;
          case REVOKED, NONE -> false;
        };
    return counts && standing.level().filter(it -> it.compareTo(level) >= 0).isPresent();
  }

  private void coverage() {
    coverage(
        "snapshots_kept",
        "Snapshots of a plan that there are",
        plan -> Optional.of((double) plan.kept()));
    coverage(
        "snapshots_proven",
        "Those of them whose proof counts now",
        plan -> Optional.of((double) plan.proven()));
    coverage(
        "newest_snapshot_proven",
        "1 if the proof of a plan's newest snapshot counts now",
        plan -> Optional.of(plan.isNewestProven() ? 1.0 : 0.0));
    coverage(
        "oldest_unproven_snapshot_timestamp_seconds",
        "The instant of the oldest snapshot whose proof does not count",
        plan -> plan.unproven().stream().findFirst().map(oldest -> seconds(oldest.startedAt())));
  }

  private void coverage(String name, String help, Function<ProofCoverage, Optional<Double>> part) {
    gauge(name, help, "plan", "source")
        .callback(callback -> {
          if (!sources.snapshots().areKnown()) {
            return;
          }
          List<Engines.Listed> listed = sources.snapshots().list();
          sources
              .settings()
              .plans()
              .forEach((plan, config) ->
                  part.apply(ProofCoverage.of(plan, config.source(), listed, Optional.empty()))
                      .ifPresent(number -> callback.call(number, plan, config.source())));
        })
        .register(registry);
  }

  private void objectives() {
    objective("objective_rpo_seconds", "What may be lost at most", PlanConfig.Objectives::rpo);
    objective("objective_rto_seconds", "How long a restore may take", PlanConfig.Objectives::rto);
    objective(
        "objective_proven_within_seconds",
        "How old the newest proof may be",
        PlanConfig.Objectives::provenWithin);
  }

  private void objective(
      String name, String help, Function<PlanConfig.Objectives, Optional<Duration>> part) {
    gauge(name, help, "plan", "source")
        .callback(callback ->
            sources
                .settings()
                .plans()
                .forEach((plan, config) ->
                    config
                        .objectives()
                        .flatMap(part)
                        .ifPresent(it -> callback.call(it.toSeconds(), plan, config.source()))))
        .register(registry);
  }

  private void schedules() {
    gauge("schedule_next_fire_timestamp_seconds", "When a plan comes due next", "plan", "type")
        .callback(callback -> {
          for (String plan : sources.settings().plans().keySet()) {
            for (OperationType type : PLANNED) {
              for (Instant next : sources.scheduler().next(plan, type, 1)) {
                callback.call(seconds(next), plan, lower(type.name()));
              }
            }
          }
        })
        .register(registry);
    counter("schedule_skipped_runs", "Scheduled runs that did not happen", "plan", "type")
        .callback(callback -> {
          for (String plan : sources.settings().plans().keySet()) {
            for (OperationType type : PLANNED) {
              if (!sources.scheduler().next(plan, type, 1).isEmpty()) {
                callback.call(sources.skipped().count(plan, type), plan, lower(type.name()));
              }
            }
          }
        })
        .register(registry);
  }

  private void service() {
    gauge("scratch_environments", "Scratch containers and clusters that exist now")
        .callback(callback -> callback.call(sources.scratch().getAsInt()))
        .register(registry);
    Info.builder()
        .name(PREFIX + "build_info")
        .help("Which Lifeboat this is")
        .labelNames("version")
        .register(registry)
        .setLabelValues(sources.version());
  }

  static CounterWithCallback.Builder counter(String name, String help, String... labels) {
    return CounterWithCallback.builder().name(PREFIX + name).help(help).labelNames(labels);
  }

  static GaugeWithCallback.Builder gauge(String name, String help, String... labels) {
    return GaugeWithCallback.builder().name(PREFIX + name).help(help).labelNames(labels);
  }

  private static String plan(Tally tally) {
    return tally.plan().orElse("");
  }

  private static String source(Tally tally) {
    return tally.source().orElse("");
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1000.0;
  }
}
