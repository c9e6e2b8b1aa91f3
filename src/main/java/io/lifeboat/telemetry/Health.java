package io.lifeboat.telemetry;

import com.codahale.metrics.health.HealthCheck;
import io.lifeboat.config.Settings;
import io.lifeboat.drill.ControlResult;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.OperationType;
import io.lifeboat.wal.WalStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** The health checks that the admin port shows. */
public final class Health {
  private static final int SECONDS_TO_ANSWER = 5;
  private static final Duration LONGEST_PROBE = Duration.ofSeconds(10);

  /** Failed runs that are looked at for one that is more than a request made wrong. */
  private static final int FAILURES = 20;

  /** Outcomes of negative controls that say something. */
  private static final Set<String> CONCLUSIVE =
      Set.of(ControlResult.Outcome.FOUND.name(), ControlResult.Outcome.MISSED.name());

  private Health() {}

  /** Whether the service's database answers. */
  public static HealthCheck database(DataSource dataSource) {
    return new HealthCheck() {
      @Override
      protected Result check() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
          return connection.isValid(SECONDS_TO_ANSWER)
              ? Result.healthy()
              : Result.unhealthy("the database does not answer");
        }
      }
    };
  }

  /**
   * Whether a repository answers, and soon: a store that says nothing is tried again for minutes,
   * and whoever watches does not wait that long.
   */
  public static HealthCheck repository(Runnable probe) {
    return repository(probe, LONGEST_PROBE);
  }

  static HealthCheck repository(Runnable probe, Duration patience) {
    return new HealthCheck() {
      private Optional<CompletableFuture<Result>> asked = Optional.empty();

      @Override
      protected Result check() throws Exception {
        try {
          return ask().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          return Result.unhealthy(
              "%s: it has not answered for %s seconds, and is asked again; `lifeboat probe` says"
                  + " more",
              ErrorCode.STORE_UNREACHABLE, patience.toSeconds());
        }
      }

      // One question at a time, however often somebody looks.
      private synchronized CompletableFuture<Result> ask() {
        CompletableFuture<Result> answer =
            asked
                .filter(before -> !before.isDone())
                .orElseGet(() ->
                    CompletableFuture.supplyAsync(
                        () -> answerOf(probe),
                        task -> Thread.ofVirtual().name("repository-probe").start(task)));
        asked = Optional.of(answer);
        return answer;
      }
    };
  }

  private static HealthCheck.Result answerOf(Runnable probe) {
    try {
      probe.run();
      return HealthCheck.Result.healthy();
    } catch (LifeboatException e) {
      return HealthCheck.Result.unhealthy("%s: %s %s", e.code(), e.getMessage(), e.hint());
    }
  }

  /**
   * Whether the last run of a kind on a repository ended well: until one does again. A request that
   * could not be carried out as it was made, and a dry run that went well, say nothing.
   */
  public static HealthCheck lastRun(OperationStore store, String repository, OperationType type) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        Optional<Instant> succeeded =
            store.tallies().stream()
                .filter(tally -> tally.type() == type)
                .filter(tally -> tally.repository().equals(Optional.of(repository)))
                .filter(tally -> tally.state() == OperationState.SUCCEEDED)
                .filter(tally -> !tally.verdict().equals(Optional.of(Operation.Outcome.DRY_RUN)))
                .flatMap(tally -> tally.lastFinished().stream())
                .max(Comparator.naturalOrder());
        return store
            .list(OperationStore.Filter.failed(repository, type), Optional.empty(), FAILURES)
            .stream()
            .filter(failed -> !isAskedWrong(failed))
            .findFirst()
            .filter(failed -> succeeded.isEmpty() || finished(failed).isAfter(succeeded.get()))
            .map(failed -> unhealthy(type, failed))
            .orElseGet(Result::healthy);
      }
    };
  }

  /**
   * Whether a plan's WAL comes to its repository: not while something does not move, nor while some
   * of it is missing for good.
   */
  public static HealthCheck wal(Supplier<Optional<WalStatus>> stream) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        return stream
            .get()
            .map(status ->
                switch (status.state()) {
                  case CATCHING_UP, STREAMING -> Result.healthy();
                  case CONNECTING, STALLED, SLOT_LOST, GAP ->
                      Result.unhealthy(
                          "%s since %s%s",
                          status.state(),
                          status.since(),
                          status.lastError().map(error -> ": " + error).orElse(""));
                })
            .orElseGet(() -> Result.unhealthy("it is not streamed; the service's log says why"));
      }
    };
  }

  /**
   * Whether drills of a plan can be believed: not once one missed a damage that was made on
   * purpose, until all are found again.
   */
  public static HealthCheck controls(OperationStore store, String plan) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        return store
            .list(
                OperationStore.Filter.of(plan, OperationType.CONTROLS), Optional.empty(), FAILURES)
            .stream()
            .filter(ended ->
                ended
                    .outcome()
                    .flatMap(Operation.Outcome::verdict)
                    .filter(CONCLUSIVE::contains)
                    .isPresent())
            .findFirst()
            .flatMap(Operation::failure)
            .map(missed ->
                Result.unhealthy("%s: %s %s", missed.code(), missed.message(), missed.hint()))
            .orElseGet(Result::healthy);
      }
    };
  }

  private static boolean isAskedWrong(Operation failed) {
    return failed.order().trigger() == Operation.Trigger.API
        && failed
            .failure()
            .filter(failure ->
                Stream.of(ErrorCode.values())
                    .anyMatch(code ->
                        code.kind() == ErrorCode.Kind.USAGE && code.name().equals(failure.code())))
            .isPresent();
  }

  private static Instant finished(Operation ended) {
    return ended.times().finished().orElse(ended.times().created());
  }

  private static HealthCheck.Result unhealthy(OperationType type, Operation failed) {
    String name = type.name().toLowerCase(Locale.ROOT);
    String why =
        failed
            .failure()
            .map(failure -> failure.code() + ": " + failure.message() + " " + failure.hint())
            .orElse("no reason is known");
    return HealthCheck.Result.unhealthy(
        "the last %s failed at %s, and none has ended well since (%s). %s",
        name, finished(failed), failed.id(), why);
  }

  /** Healthy in any case, but says so when the key that reads all backups lies around. */
  public static HealthCheck recoveryKit(Settings settings, Path configuration) {
    return new HealthCheck() {
      @Override
      protected Result check() {
        return kitWarning(settings, configuration)
            .map(warning -> Result.healthy("%s", warning))
            .orElseGet(Result::healthy);
      }
    };
  }

  /**
   * What to tell whoever runs this node about the recovery kit on it: a sentence while it lies
   * beside the configuration, or while this node backs up by schedule.
   */
  public static Optional<String> kitWarning(Settings settings, Path configuration) {
    Path folder = configuration.resolveSibling("");
    boolean backsUp =
        settings.plans().values().stream().anyMatch(plan -> plan.schedule().isPresent());
    return settings
        .keys()
        .recovery()
        .filter(Files::exists)
        .filter(kit -> backsUp || kit.startsWith(folder))
        .map(kit ->
            "The recovery kit "
                + kit
                + " lies "
                + (backsUp ? "on a node that backs up" : "beside the configuration")
                + ": whoever takes this machine can read every backup. Print it, and take "
                + kit.getFileName()
                + " away from here unless this node restores or drills.");
  }
}
