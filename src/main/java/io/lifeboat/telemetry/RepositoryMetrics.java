package io.lifeboat.telemetry;

import io.lifeboat.operation.Operation.Outcome;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore.Tally;
import io.lifeboat.operation.OperationType;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The metrics of prunes and verifications; a dry run is none of them. */
final class RepositoryMetrics {
  private static final List<OperationType> KEPT_UP =
      List.of(OperationType.PRUNE, OperationType.VERIFY);

  private final Metrics.Sources sources;
  private final PrometheusRegistry registry;

  private RepositoryMetrics(Metrics.Sources sources, PrometheusRegistry registry) {
    this.sources = sources;
    this.registry = registry;
  }

  static void register(Metrics.Sources sources, PrometheusRegistry registry) {
    var metrics = new RepositoryMetrics(sources, registry);
    metrics.runs("prune_runs", "Prunes that ended, by how", OperationType.PRUNE);
    metrics.runs(
        "verify_runs",
        "Verifications that ended, by how: failed ones found problems, or could not read",
        OperationType.VERIFY);
    metrics.lastSuccess(
        "prune_last_success_timestamp_seconds",
        "When the last prune that left nothing undone ended",
        OperationType.PRUNE);
    metrics.lastSuccess(
        "verify_last_success_timestamp_seconds",
        "When the last verification that found no problem ended",
        OperationType.VERIFY);
    metrics.schedules();
  }

  private void runs(String name, String help, OperationType type) {
    Metrics.counter(name, help, "repository", "result")
        .callback(callback -> {
          for (Tally tally : tallies(type)) {
            if (tally.state().isFinal()) {
              callback.call(tally.count(), repository(tally), Metrics.lower(tally.state().name()));
            }
          }
        })
        .register(registry);
  }

  private void lastSuccess(String name, String help, OperationType type) {
    Metrics.gauge(name, help, "repository")
        .callback(callback -> {
          for (Tally tally : tallies(type)) {
            if (tally.state() == OperationState.SUCCEEDED) {
              tally
                  .lastFinished()
                  .ifPresent(at -> callback.call(Metrics.seconds(at), repository(tally)));
            }
          }
        })
        .register(registry);
  }

  private List<Tally> tallies(OperationType type) {
    return sources.store().tallies().stream()
        .filter(tally -> tally.type() == type)
        .filter(tally -> !tally.verdict().equals(Optional.of(Outcome.DRY_RUN)))
        .toList();
  }

  private void schedules() {
    Metrics.gauge(
            "repository_next_fire_timestamp_seconds",
            "When a repository comes due next",
            "repository",
            "type")
        .callback(callback -> {
          for (String name : sources.settings().repositories().keySet()) {
            for (OperationType type : KEPT_UP) {
              for (Instant next : sources.scheduler().next(name, type, 1)) {
                callback.call(Metrics.seconds(next), name, Metrics.lower(type.name()));
              }
            }
          }
        })
        .register(registry);
    Metrics.counter(
            "repository_skipped_runs",
            "Scheduled runs on repositories that did not happen",
            "repository",
            "type")
        .callback(callback -> {
          for (String name : sources.settings().repositories().keySet()) {
            for (OperationType type : KEPT_UP) {
              if (!sources.scheduler().next(name, type, 1).isEmpty()) {
                callback.call(
                    sources.skipped().count(name, type), name, Metrics.lower(type.name()));
              }
            }
          }
        })
        .register(registry);
  }

  private static String repository(Tally tally) {
    return tally.repository().orElse("");
  }
}
