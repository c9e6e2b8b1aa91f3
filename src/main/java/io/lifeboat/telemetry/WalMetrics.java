package io.lifeboat.telemetry;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.postgres.SlotFacts;
import io.lifeboat.wal.WalState;
import io.lifeboat.wal.WalStatus;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The metrics of streams of WAL. */
final class WalMetrics {
  private final Metrics.Sources sources;
  private final PrometheusRegistry registry;

  private WalMetrics(Metrics.Sources sources, PrometheusRegistry registry) {
    this.sources = sources;
    this.registry = registry;
  }

  static void register(Metrics.Sources sources, PrometheusRegistry registry) {
    var metrics = new WalMetrics(sources, registry);
    metrics.states();
    metrics.gauge(
        "wal_recovery_point_timestamp_seconds",
        "Up to when everything that was committed is in the repository, by the server's clock",
        status -> status.recoveryPoint().map(point -> Metrics.seconds(point.serverTime())));
    metrics.gauge(
        "wal_lag_bytes",
        "How much of the server's WAL is not in the repository",
        status -> status.progress().map(progress -> (double) progress.lagBytes()));
    metrics.gauge(
        "wal_spool_bytes",
        "What waits on this host for the repository",
        status -> Optional.of((double) status.unshippedBytes()));
    metrics.gauge(
        "wal_slot_safe_bytes",
        "How much the server can still write until it may give up the slot",
        status -> status.slot().map(SlotFacts::safeWalBytes).flatMap(WalMetrics::number));
    metrics.gauge(
        "wal_state_since_timestamp_seconds",
        "When the stream got into its state",
        status -> Optional.of(Metrics.seconds(status.since())));
  }

  private static Optional<Double> number(OptionalLong number) {
    return number.isPresent() ? Optional.of((double) number.getAsLong()) : Optional.empty();
  }

  private void states() {
    Metrics.gauge("wal_state", "1 for the state that a stream is in", "plan", "source", "state")
        .callback(callback ->
            sources
                .wal()
                .get()
                .forEach((plan, status) -> {
                  for (WalState state : WalState.values()) {
                    callback.call(
                        status.state() == state ? 1 : 0,
                        plan,
                        source(plan),
                        Metrics.lower(state.name()));
                  }
                }))
        .register(registry);
  }

  private void gauge(String name, String help, Function<WalStatus, Optional<Double>> number) {
    Metrics.gauge(name, help, "plan", "source")
        .callback(callback -> {
          for (Map.Entry<String, WalStatus> stream : sources.wal().get().entrySet()) {
            number
                .apply(stream.getValue())
                .ifPresent(it -> callback.call(it, stream.getKey(), source(stream.getKey())));
          }
        })
        .register(registry);
  }

  private String source(String plan) {
    return Optional.ofNullable(sources.settings().plans().get(plan))
        .map(PlanConfig::source)
        .orElse("");
  }
}
