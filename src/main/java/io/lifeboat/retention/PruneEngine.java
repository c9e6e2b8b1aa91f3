package io.lifeboat.retention;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.CondemnedPacks;
import io.lifeboat.repository.Maintenance;
import io.lifeboat.repository.PackTally;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.RetentionExtension;
import io.lifeboat.store.ObjectRetention;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes a repository: decides, forgets, repacks, condemns, sweeps what was condemned long enough
 * ago, and deletes what was swept. Every step may be cut off; the next run goes on. Thread-safe.
 */
public final class PruneEngine {
  private static final Logger LOG = LoggerFactory.getLogger(PruneEngine.class);

  /** From here on copying what lives of a pack costs less than keeping what is dead. */
  private static final double MOSTLY_DEAD = 0.7;

  private final Clock clock;

  /**
   * An engine.
   *
   * @param clock only says how long a run took
   */
  public PruneEngine(Clock clock) {
    this.clock = clock;
  }

  /**
   * What to prune, and how carefully.
   *
   * @param plans of this repository
   * @param grace between condemning and sweeping
   * @param uncommitted how long packs stay that belong to no snapshot yet
   * @param mostForgotten how many snapshots one run may forget
   * @param trustStoreTimes forget by the store's times even where the writer's differ by a day
   * @param dryRun only decides
   * @param locks what the store locks objects with, if it does
   */
  public record Order(
      Repository repository,
      Map<String, PlanConfig> plans,
      Duration grace,
      Duration uncommitted,
      int mostForgotten,
      boolean trustStoreTimes,
      boolean dryRun,
      Optional<Locks> locks) {
    /** Copies the plans. */
    public Order {
      plans = Map.copyOf(plans);
    }
  }

  /**
   * Locks that have to be extended for as long as a snapshot needs the object.
   *
   * @param retain how long from now each is locked; extended when half of that is left
   */
  public record Locks(ObjectRetention retention, Duration retain) {}

  /**
   * Runs.
   *
   * @throws io.lifeboat.error.LifeboatException before anything was removed that is needed, always
   */
  public PruneResult run(Order order, Progress progress) {
    Instant started = clock.instant();
    progress.phase("decide");
    if (!order.dryRun()) {
      order.repository().requireOriginal();
    }
    Maintenance maintenance = order.repository().maintenance();
    Instant now = maintenance.storeTime();
    var retention =
        new Retention(order.plans(), now, order.mostForgotten(), order.trustStoreTimes());
    List<Decision> decisions = retention.decide(maintenance.history());
    List<String> forgotten = Retention.forgotten(decisions);
    progress.checkCancelled();
    PruneWork work =
        order.dryRun()
            ? look(order, maintenance, now, Set.copyOf(forgotten), progress)
            : work(order, maintenance, now, forgotten, progress);
    List<String> alarms = List.of();
    if (!order.dryRun()) {
      progress.phase("lock");
      alarms = order.locks().map(locks -> lock(maintenance, locks)).orElse(List.of());
    }
    LOG.info(
        "prune finished repository={} forgotten={} condemnedPacks={} sweptPacks={} deletedBytes={}"
            + " millis={} dryRun={}",
        order.repository().id(),
        forgotten.size(),
        work.condemned().packs(),
        work.sweptPacks(),
        work.bytesFreed(),
        Duration.between(started, clock.instant()).toMillis(),
        order.dryRun());
    return new PruneResult(decisions, work, notes(order), alarms, order.dryRun());
  }

  private static List<String> notes(Order order) {
    return order.plans().isEmpty()
        ? List.of(
            "no plan of this configuration uses this repository, so no rule forgets anything of it;"
                + " if that is not meant, give it a plan with `retention`, or prune where its plans"
                + " are configured")
        : List.of();
  }

  private static PruneWork work(
      Order order,
      Maintenance maintenance,
      Instant now,
      List<String> forgotten,
      Progress progress) {
    maintenance.forget(forgotten);
    progress.phase("repack");
    Maintenance.Repacked repacked = maintenance.repack(MOSTLY_DEAD, progress);
    progress.phase("condemn");
    Maintenance.Condemned condemned =
        maintenance.condemn(order.uncommitted(), now, false, Set.of());
    progress.phase("sweep");
    Instant later = maintenance.storeTime();
    long swept = maintenance.sweep(order.grace(), later);
    progress.phase("delete");
    Maintenance.Deleted deleted = maintenance.deleteSwept(progress);
    Maintenance.DeletedWal wal =
        maintenance.pruneWal(order.uncommitted(), later, false, Set.of(), progress);
    return new PruneWork(
        repacked,
        condemned,
        swept,
        deleted,
        maintenance.condemned(order.grace(), later, Set.of()),
        wal);
  }

  /**
   * What {@link #work} would do now: the same steps, of which each is told what the ones before
   * would have done.
   */
  private static PruneWork look(
      Order order, Maintenance maintenance, Instant now, Set<String> forgotten, Progress progress) {
    progress.phase("repack");
    Maintenance.Repacked repacked = maintenance.repack(MOSTLY_DEAD, true, forgotten, progress);
    progress.phase("condemn");
    Maintenance.Condemned garbage = maintenance.condemn(order.uncommitted(), now, true, forgotten);
    PackTally condemned =
        new PackTally(garbage.packs(), garbage.bytes()).plus(repacked.originals());
    progress.phase("sweep");
    CondemnedPacks waiting =
        maintenance.condemned(order.grace(), now, forgotten).plus(condemned, order.grace(), now);
    PackTally deleted = maintenance.swept().plus(waiting.due());
    return new PruneWork(
        repacked,
        new Maintenance.Condemned(condemned.packs(), condemned.bytes(), garbage.young()),
        waiting.due().packs(),
        new Maintenance.Deleted(deleted.packs(), deleted.bytes(), List.of()),
        waiting,
        maintenance.pruneWal(order.uncommitted(), now, true, forgotten, progress));
  }

  private List<String> lock(Maintenance maintenance, Locks locks) {
    Instant until = clock.instant().plus(locks.retain());
    Map<String, Instant> needed = new HashMap<>();
    maintenance.neededObjects().forEach(name -> needed.put(name, until));
    return new RetentionExtension(locks.retention(), clock, locks.retain().dividedBy(2))
        .run(needed)
        .alarms();
  }
}
