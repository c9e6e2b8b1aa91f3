package io.lifeboat.drill.scratch;

import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.RestoreTarget;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

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
   * Boots the restored cluster and has it recover to a point in time from what the restore laid
   * into its {@code pg_wal}: it accepts connections once it is there.
   *
   * @param patience how long to wait until it accepts connections
   */
  Startup recover(RecoverySettings recovery, Duration patience, Progress progress);

  /**
   * Runs one {@code COPY … TO STDOUT} and hands over what it writes.
   *
   * @return how many rows there were
   * @throws io.lifeboat.error.PermanentException with code {@code RECOVERY_FAILED} if the server
   *     refuses it
   * @throws io.lifeboat.error.TransientException with code {@code IO_FAILED} if the stream takes no
   *     more
   */
  long copyOut(String database, String sql, OutputStream out);

  /**
   * Makes sure that {@link #dump} can be called.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code PROGRAMS_MISSING}
   */
  void requireDump();

  /**
   * Hands over what {@code pg_dump} writes.
   *
   * @param options beside who asks whom
   * @throws io.lifeboat.error.LifeboatException as {@link #copyOut} does
   */
  void dump(String database, List<String> options, OutputStream out);

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
