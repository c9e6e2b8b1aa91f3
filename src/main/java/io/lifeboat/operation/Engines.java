package io.lifeboat.operation;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.RestoreOptions;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreSelection;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What Lifeboat can do, as the service, the schedule and the command line call it. Knows the
 * configuration, holds no state between calls. Thread-safe; each call blocks until its work is
 * done.
 */
public interface Engines {
  /** Takes a backup of a plan's source. */
  BackupResult backup(String plan, Progress progress);

  /** Restores a snapshot of a source, or a part of it, to a folder. */
  RestoreResult restore(RestoreOrder order, Progress progress);

  /** Proves a snapshot of a plan's source by restoring it to scratch, and keeps the evidence. */
  DrillResult drill(DrillOrder order, Progress progress);

  /** All snapshots of all repositories, or of one source, newest first. */
  List<SnapshotInfo> snapshots(Optional<String> source);

  /** The signed evidence of a drill, as {@code evidence verify} takes it. */
  byte[] evidence(String drill);

  /**
   * What to restore.
   *
   * @param snapshot the newest one, if empty
   * @param selection what of it
   */
  record RestoreOrder(
      String source,
      Optional<String> snapshot,
      RestoreSelection selection,
      Path target,
      RestoreOptions options) {}

  /**
   * What to prove.
   *
   * @param snapshot the newest one, if empty
   * @param scratch the plan's, if empty
   */
  record DrillOrder(
      String drill,
      String plan,
      Optional<String> snapshot,
      Optional<PlanConfig.ScratchKind> scratch) {}
}
