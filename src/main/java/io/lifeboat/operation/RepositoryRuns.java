package io.lifeboat.operation;

import io.lifeboat.config.Part;
import io.lifeboat.config.Settings;
import io.lifeboat.config.Spelling;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Operation.Failure;
import io.lifeboat.operation.Operation.Order;
import io.lifeboat.operation.Operation.Outcome;
import io.lifeboat.operation.Operation.Subject;
import io.lifeboat.operation.Operation.Trigger;
import io.lifeboat.operation.PlanRuns.Requester;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Verification;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.repository.VerifyShare;
import io.lifeboat.retention.PruneResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Turns "prune this repository" and "verify it" into operations, by what its configuration says.
 * Thread-safe.
 */
public final class RepositoryRuns {
  private static final int MOST_EVENTS = 100;

  private final Settings settings;
  private final Engines engines;
  private final OperationService operations;
  private final ResultFormat format;

  /** Works on the repositories of one configuration. */
  public RepositoryRuns(
      Settings settings, Engines engines, OperationService operations, ResultFormat format) {
    this.settings = settings;
    this.engines = engines;
    this.operations = operations;
    this.format = format;
  }

  /** What to prune, as it was asked for. */
  public record PruneRequest(String repository, boolean dryRun) {}

  /**
   * What to verify, as it was asked for; what is empty is as configured. Window and subset replace
   * the configured ones together.
   */
  public record VerifyRequest(
      String repository,
      Optional<String> level,
      Optional<Duration> window,
      Optional<String> subset) {
    /** As it is configured. */
    public static VerifyRequest of(String repository) {
      return new VerifyRequest(repository, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * Starts a prune.
   *
   * @throws PermanentException with code {@code REPOSITORY_UNKNOWN}
   */
  public Operation prune(PruneRequest request, Requester requester) {
    var order = order(OperationType.PRUNE, request.repository(), requester.name(), Trigger.API);
    return operations.start(order, requester.key(request.toString()), pruneWork(request));
  }

  /**
   * Starts a verification.
   *
   * @throws PermanentException with code {@code REPOSITORY_UNKNOWN} or {@code USAGE_INVALID}
   */
  public Operation verify(VerifyRequest request, Requester requester) {
    var order = order(OperationType.VERIFY, request.repository(), requester.name(), Trigger.API);
    return operations.start(order, requester.key(request.toString()), verifyWork(request));
  }

  /**
   * Starts a run that a schedule asks for, unless the same is waiting or running.
   *
   * @param reason noted with what is in the way
   */
  public Optional<Operation> scheduled(String repository, OperationType type, String reason) {
    var order = order(type, repository, "schedule", Trigger.SCHEDULE);
    return operations.startUnlessBusy(
        order,
        reason,
        switch (type) {
          case PRUNE -> pruneWork(new PruneRequest(repository, false));
          case VERIFY -> verifyWork(VerifyRequest.of(repository));
          case BACKUP, RESTORE, DRILL, CONTROLS ->
              throw new IllegalArgumentException(type + " is not a repository's to schedule");
        });
  }

  private Work pruneWork(PruneRequest request) {
    boolean locked =
        repository(request.repository()).store() instanceof StoreConfig.S3 s3
            && s3.objectLock().isPresent();
    return (id, progress) -> {
      PruneResult result =
          engines.prune(Engines.PruneOrder.of(request.repository(), request.dryRun()), progress);
      String forgot = request.dryRun() ? "Would forget " : "Forgot ";
      tell(
          result.removed().stream()
              .map(decision -> forgot + decision.id() + ": " + decision.because())
              .toList(),
          progress);
      tell(format.sentences(result), progress);
      tell(result.work().refused(), progress);
      tell(result.alarms(), progress);
      return new Outcome(
          format.prune(id, result),
          request.dryRun() ? Optional.of(Outcome.DRY_RUN) : Optional.empty(),
          Map.of("bytesFreed", (double) result.work().bytesFreed()),
          incomplete(request.repository(), locked, result));
    };
  }

  /** Where objects are locked, it is as it should be that some cannot be deleted yet. */
  private static Optional<Failure> incomplete(
      String repository, boolean locked, PruneResult result) {
    List<String> refused = locked ? List.of() : result.work().refused();
    List<String> open = Stream.concat(result.alarms().stream(), refused.stream()).toList();
    return open.stream()
        .findFirst()
        .map(first ->
            new Failure(
                ErrorCode.PRUNE_INCOMPLETE.name(),
                "Of repository "
                    + repository
                    + ", "
                    + open.size()
                    + " objects could not be deleted or locked; the first: "
                    + first,
                "Nothing that is needed is lost. Let this node delete and lock objects (`lifeboat"
                    + " policy --role maintenance`); the next prune tries again."));
  }

  private Work verifyWork(VerifyRequest request) {
    VerifyOrder order = verifyOrder(request);
    return (id, progress) -> {
      VerifyReport report = engines.verify(request.repository(), order, progress);
      tell(report.problems(), progress);
      tell(report.warnings(), progress);
      return new Outcome(
          format.verify(id, report),
          Optional.of(report.sound() ? "PASS" : "FAIL"),
          Map.of(
              "problems", (double) report.problems().size(),
              "oldestUnverifiedDays", (double) report.coverage().oldestUnverifiedDays()),
          found(request.repository(), report));
    };
  }

  private static Optional<Failure> found(String repository, VerifyReport report) {
    return report.problems().stream()
        .findFirst()
        .map(first ->
            new Failure(
                ErrorCode.VERIFICATION_FAILED.name(),
                "Repository "
                    + repository
                    + " has "
                    + report.problems().size()
                    + " problems; the first: "
                    + first,
                VerifyReport.WHAT_TO_DO));
  }

  private VerifyOrder verifyOrder(VerifyRequest request) {
    Settings.Verify configured = repository(request.repository()).verifying();
    String level = request.level().orElse(configured.depth());
    Verification.Depth depth =
        Stream.of(Verification.Depth.values())
            .filter(known -> known.name().equals(level))
            .findFirst()
            .orElseThrow(() -> usage("'" + level + "' is not a level of verification"));
    boolean asked = request.window().isPresent() || request.subset().isPresent();
    if (asked && depth == Verification.Depth.L0) {
      throw usage("Level L0 reads no pack, so there is no part of them to choose");
    }
    VerifyShare share =
        asked
            ? share(request.window(), request.subset())
            : depth == Verification.Depth.L0
                ? new VerifyShare.Everything()
                : share(configured.window(), configured.subset());
    return new VerifyOrder(depth, share, true);
  }

  private static VerifyShare share(Optional<Duration> window, Optional<String> subset) {
    if (window.isPresent() && subset.isPresent()) {
      throw usage("window and subset exclude each other");
    }
    if (window.isPresent() && !window.get().isPositive()) {
      throw usage("A window of " + window.get() + " is no time");
    }
    return window
        .<VerifyShare>map(VerifyShare.Window::new)
        .or(() -> subset.map(RepositoryRuns::fraction))
        .orElseGet(VerifyShare.Everything::new);
  }

  private static VerifyShare fraction(String subset) {
    return new VerifyShare.Fraction(
        Part.parse(subset).orElseThrow(() -> usage("'" + subset + "' is not a part of a whole")));
  }

  private static PermanentException usage(String fact) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        fact,
        "Send level L0, L1 or L2; with L1 and L2 a window such as P30D, or a subset such as 1/20.");
  }

  private static void tell(List<String> sentences, Progress progress) {
    sentences.stream().limit(MOST_EVENTS).forEach(progress::event);
    if (sentences.size() > MOST_EVENTS) {
      progress.event((sentences.size() - MOST_EVENTS) + " more are in the result");
    }
  }

  private Order order(OperationType type, String repository, String requestedBy, Trigger trigger) {
    return new Order(
        type, Optional.empty(), new Subject.Repository(repository), requestedBy, trigger);
  }

  private Settings.Repository repository(String name) {
    Settings.Repository repository = settings.repositories().get(name);
    if (repository == null) {
      throw new PermanentException(
          ErrorCode.REPOSITORY_UNKNOWN,
          "There is no repository '" + name + "'",
          Spelling.hint(name, settings.repositories().keySet()));
    }
    return repository;
  }
}
