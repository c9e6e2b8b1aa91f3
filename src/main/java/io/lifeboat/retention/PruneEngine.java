package io.lifeboat.retention;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Maintenance;
import io.lifeboat.repository.Repository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes a repository: decides, forgets, repacks, condemns, sweeps what was condemned long enough ago, and
 * deletes what was swept. Every step may be cut off; the next run goes on. Stateless and
 * thread-safe.
 */
public final class PruneEngine {
  private static final Logger LOG = LoggerFactory.getLogger(PruneEngine.class);

  /** From here on copying what lives of a pack costs less than keeping what is dead. */
  private static final double MOSTLY_DEAD = 0.7;

  /**
   * What to prune, and how carefully.
   *
   * @param plans of this repository
   * @param grace between condemning and sweeping
   * @param uncommitted how long packs stay that belong to no snapshot yet
   * @param mostForgotten how many snapshots one run may forget
   * @param trustStoreTimes forget by the store's times even where the writer's differ by a day
   * @param dryRun only decides
   */
  public record Order(
      Repository repository,
      Map<String, PlanConfig> plans,
      Duration grace,
      Duration uncommitted,
      int mostForgotten,
      boolean trustStoreTimes,
      boolean dryRun) {
    /** Copies the plans. */
    public Order {
      plans = Map.copyOf(plans);
    }
  }

  /**
   * Runs.
   *
   * @throws io.lifeboat.error.LifeboatException before anything was removed that is needed, always
   */
  public PruneResult run(Order order, Progress progress) {
    Instant started = Instant.now();
    progress.phase("decide");
    Maintenance maintenance = order.repository().maintenance();
    Instant now = maintenance.storeTime();
    var retention =
        new Retention(order.plans(), now, order.mostForgotten(), order.trustStoreTimes());
    List<Decision> decisions = retention.decide(maintenance.history());
    List<String> forgotten = Retention.forgotten(decisions);
    progress.checkCancelled();
    if (!order.dryRun()) {
      maintenance.forget(forgotten);
      progress.phase("repack");
      maintenance.repack(MOSTLY_DEAD, progress);
    }
    progress.phase("condemn");
    Maintenance.Condemned condemned =
        maintenance.condemn(order.uncommitted(), now, order.dryRun(), Set.copyOf(forgotten));
    var result = new PruneResult(decisions, condemned, 0, new Maintenance.Deleted(0, 0, List.of()));
    if (!order.dryRun()) {
      progress.phase("sweep");
      long swept = maintenance.sweep(order.grace(), maintenance.storeTime());
      progress.phase("delete");
      result =
          new PruneResult(decisions, condemned, swept, maintenance.deleteSwept(progress));
    }
    LOG.info(
        "prune finished repository={} forgotten={} condemnedPacks={} sweptPacks={} deletedBytes={}"
            + " millis={} dryRun={}",
        order.repository().id(),
        forgotten.size(),
        condemned.packs(),
        result.sweptPacks(),
        result.deleted().bytes(),
        Duration.between(started, Instant.now()).toMillis(),
        order.dryRun());
    return result;
  }
}
