package io.lifeboat.drill.scratch;

import io.lifeboat.progress.Progress;
import io.lifeboat.restore.RestoreTarget;
import java.time.Duration;

/**
 * An isolated place where a restored cluster is booted and asked. Its life: {@link #target} takes
 * the snapshot's tree, {@link #verifyManifest} looks at the files while no server has touched them,
 * {@link #start} boots, {@link #query} asks, {@link #close} removes everything and proves that it
 * is gone. For one thread.
 */
public sealed interface PostgresScratch extends Scratch permits DockerScratch, ProcessScratch {
  /**
   * Where the tree goes: {@code data/} becomes the data directory, {@code tablespaces/<oid>/}
   * places beside it, {@code backup_manifest} is kept for {@link #verifyManifest}. Nothing it
   * writes leads outside the scratch.
   */
  RestoreTarget target();

  /** Compares the restored files with the manifest that PostgreSQL itself wrote with the backup. */
  ManifestFinding verifyManifest(Progress progress);

  /**
   * Boots the restored cluster.
   *
   * @param patience how long to wait until it accepts connections
   */
  Startup start(Duration patience, Progress progress);

  /**
   * Runs one query, or several separated by semicolons, in one session and answers what the last
   * one found: 1000 rows and 1 MiB at most.
   *
   * @param access whether it may write
   * @param limit how long each statement may run
   */
  SqlOutcome query(String database, String sql, Access access, Duration limit);

  /** What a query may do. */
  enum Access {
    /** Read, with names found as the database finds them: for what the plan asks. */
    PLANNED,
    /**
     * Anything: for our own checks. Names are looked up in the catalog alone, so that nothing in
     * the restored data can pass for what we call.
     */
    OWN
  }
}
