package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines.PruneOrder;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.retention.PruneEngine;
import io.lifeboat.retention.PruneResult;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Prunes and verifies the repositories of an installation. Thread-safe. */
final class Upkeep {
  private final Installation installation;
  private final OpenRepositories repositories;
  private final Clock clock;

  Upkeep(Installation installation, OpenRepositories repositories, Clock clock) {
    this.installation = installation;
    this.repositories = repositories;
    this.clock = clock;
  }

  PruneResult prune(PruneOrder order, Progress progress) {
    String name = order.repository();
    requireMaintenance("Pruning " + name);
    Settings.Prune configured = configured(name).pruning();
    return new PruneEngine(clock)
        .run(
            new PruneEngine.Order(
                repositories.get(name),
                plansOf(name),
                order.grace().orElse(configured.graceTime()),
                order.uncommitted().orElse(configured.uncommittedTime()),
                configured.forgetsAtMost(),
                order.trustStoreTimes(),
                order.dryRun(),
                locks(name)),
            progress);
  }

  private Settings.Repository configured(String name) {
    return Optional.ofNullable(installation.repositories().get(name))
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.REPOSITORY_UNKNOWN,
                "There is no repository called '" + name + "'",
                "The configuration names these: " + String.join(", ", repositories.names())));
  }

  private Map<String, PlanConfig> plansOf(String repository) {
    Map<String, PlanConfig> plans = new HashMap<>(installation.plans());
    plans.values().removeIf(plan -> !plan.repository().equals(repository));
    return plans;
  }

  private Optional<PruneEngine.Locks> locks(String name) {
    Optional<StoreConfig.ObjectLock> lock =
        configured(name).store() instanceof StoreConfig.S3 s3 ? s3.objectLock() : Optional.empty();
    return lock.flatMap(set ->
        repositories
            .retention(name)
            .map(retention -> new PruneEngine.Locks(retention, set.retain())));
  }

  VerifyReport verify(String name, VerifyOrder order, Progress progress) {
    CipherWarmUp.start();
    return repositories.get(name).verification().run(order, progress);
  }

  /**
   * For each scheduled prune and verification: makes sure that the keys are here which it needs, or
   * throws a {@link PermanentException} with code {@code SERVICE_KEY_MISSING} or {@code
   * RECOVERY_IDENTITY_MISSING}. By repository and work, such as {@code primary-prune}.
   */
  Map<String, Runnable> keyChecks() {
    Map<String, Runnable> checks = new TreeMap<>();
    installation
        .repositories()
        .forEach((name, repository) -> {
          repository
              .prune()
              .flatMap(Settings.Prune::schedule)
              .ifPresent(
                  it -> checks.put(name + "-prune", () -> requireMaintenance("Pruning " + name)));
          repository
              .verify()
              .filter(verify -> verify.schedule().isPresent())
              .ifPresent(
                  verify -> checks.put(name + "-verify", () -> requireKeys(name, verify.depth())));
        });
    return checks;
  }

  private void requireKeys(String name, String level) {
    requireMaintenance("Verifying " + name);
    if (level.equals("L2") && repositories.keyring().kit().isEmpty()) {
      throw new PermanentException(
          ErrorCode.RECOVERY_IDENTITY_MISSING,
          "Verifying " + name + " at level L2 needs a recovery kit, and this node has none",
          "Verify at L1 here, and at L2 on a node that may read backups.");
    }
  }

  private void requireMaintenance(String what) {
    if (!repositories.keyring().maintains()) {
      throw new PermanentException(
          ErrorCode.SERVICE_KEY_MISSING,
          what + " needs a maintenance identity, and this node's service key has none",
          "Schedule it on the node that maintains the repository, or make a service key for this"
              + " one with `lifeboat keygen node --role both`.");
    }
  }
}
