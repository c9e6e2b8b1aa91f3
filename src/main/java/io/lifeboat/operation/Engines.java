package io.lifeboat.operation;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.Damage;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectOrder;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.drill.SnapshotChoice;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.RecoveryGoal;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.retention.PruneResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What Lifeboat can do, as the service, the schedule and the command line call it. Knows the
 * configuration, holds no state between calls. Thread-safe; each call blocks until its work is
 * done.
 */
public interface Engines {
  /** Takes a backup of a plan's source. */
  BackupResult backup(BackupOrder order, Progress progress);

  /** Restores a snapshot of a source, or a part of it, to a folder. */
  RestoreResult restore(RestoreOrder order, Progress progress);

  /** Brings one database or table of a source back as of a point in time. */
  ObjectResult restoreObject(ObjectRestore order, Progress progress);

  /** Proves a snapshot of a plan's source by restoring it to scratch, and keeps the evidence. */
  DrillResult drill(DrillOrder order, Progress progress);

  /** Drills copies of a plan's newest snapshot that are damaged on purpose. */
  ControlReport controls(ControlOrder order, Progress progress);

  /** Forgets what no plan's retention keeps, and frees what nobody needs any more. */
  PruneResult prune(PruneOrder order, Progress progress);

  /** Reads a repository and holds its objects against their names, hashes and signatures. */
  VerifyReport verify(String repository, VerifyOrder order, Progress progress);

  /** All snapshots of all repositories, or of one source, newest first, each once. */
  List<Listed> listed(Optional<String> source);

  /** The same, as their writers describe them. */
  default List<SnapshotInfo> snapshots(Optional<String> source) {
    return listed(source).stream().map(Listed::info).toList();
  }

  /**
   * How much of what plans keep is proven.
   *
   * @param plan this one only
   * @throws io.lifeboat.error.PermanentException with code {@code PLAN_UNKNOWN}
   */
  List<ProofCoverage> proofs(Optional<String> plan);

  /** The signed evidence of a drill, as {@code evidence verify} takes it. */
  byte[] evidence(String drill);

  /** The same as a page of HTML for people, which {@code evidence verify} takes too. */
  String evidencePage(String drill);

  /**
   * A snapshot, and what is known beside it.
   *
   * @param repositories the names of those that have it: more than one where an original and its
   *     copies are configured, the original first
   * @param heldBecause why retention must leave it alone, if somebody holds it
   * @param standing whether what a drill proved of it counts now
   */
  record Listed(
      SnapshotInfo info,
      List<String> repositories,
      Optional<String> heldBecause,
      ProofStanding standing) {
    /** The same at a later time. */
    public Listed at(Instant later) {
      return new Listed(info, repositories, heldBecause, standing.at(later));
    }
  }

  /**
   * What to back up.
   *
   * @param tags what the snapshot is marked with, beside the plan's own
   */
  record BackupOrder(String plan, List<String> tags) {
    /** Copies the tags. */
    public BackupOrder {
      tags = List.copyOf(tags);
    }

    /** With the plan's own tags alone. */
    public static BackupOrder of(String plan) {
      return new BackupOrder(plan, List.of());
    }
  }

  /**
   * What to prune.
   *
   * @param grace between condemning objects and deleting them; as configured, if empty
   * @param uncommitted how long objects stay that no snapshot names; as configured, if empty
   * @param trustStoreTimes forget snapshots too whose writer's clock and the store's disagree
   * @param dryRun only decides
   */
  record PruneOrder(
      String repository,
      Optional<Duration> grace,
      Optional<Duration> uncommitted,
      boolean trustStoreTimes,
      boolean dryRun) {
    /** As it is configured. */
    public static PruneOrder of(String repository, boolean dryRun) {
      return new PruneOrder(repository, Optional.empty(), Optional.empty(), false, dryRun);
    }
  }

  /**
   * What to restore.
   *
   * @param snapshot the newest one, if empty; with a goal, the one that leads there
   * @param selection what of it
   * @param goal the point in time that a PostgreSQL cluster is recovered to
   */
  record RestoreOrder(
      String source,
      Optional<String> snapshot,
      RestoreSelection selection,
      Path target,
      RestoreOptions options,
      Optional<RecoveryGoal> goal) {
    /** As the snapshot itself has it. */
    public RestoreOrder(
        String source,
        Optional<String> snapshot,
        RestoreSelection selection,
        Path target,
        RestoreOptions options) {
      this(source, snapshot, selection, target, options, Optional.empty());
    }
  }

  /**
   * Which database or table to restore.
   *
   * @param snapshot the one that leads to the goal, if empty
   * @param object what is wanted and where it goes
   */
  record ObjectRestore(
      String source, Optional<String> snapshot, RecoveryGoal goal, ObjectOrder object) {}

  /**
   * What to prove.
   *
   * @param snapshot this one, instead of one that is chosen
   * @param scratch the plan's, if empty
   * @param choice how a snapshot is chosen where none is named; as the plan says, if empty
   */
  record DrillOrder(
      String drill,
      String plan,
      Optional<String> snapshot,
      Optional<PlanConfig.ScratchKind> scratch,
      Optional<SnapshotChoice> choice) {}

  /**
   * Which negative controls to run.
   *
   * @param drill names their scratches
   * @param damage all that fit the plan's source, if empty
   */
  record ControlOrder(String drill, String plan, Optional<Damage> damage) {}
}
