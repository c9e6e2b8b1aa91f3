package io.lifeboat.restore;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a finished restore did, or would have done.
 *
 * @param notes what its reader should know next, a sentence each
 * @param recovery of a cluster that was restored to a point in time
 */
public record RestoreResult(
    String snapshot,
    RestoreEngine.Restored restored,
    Duration took,
    List<String> notes,
    Optional<Recovery> recovery) {
  /**
   * Where a recovery leads.
   *
   * @param target in words
   * @param timeline the one that is followed
   * @param coveredUpTo until when write-ahead log is stored
   */
  public record Recovery(String target, int timeline, Instant coveredUpTo) {
    /** That of a plan. */
    public static Recovery of(RecoveryPlan plan) {
      return new Recovery(plan.target().toString(), plan.timeline(), plan.coveredUpTo());
    }
  }

  /** As the snapshot itself has it. */
  public RestoreResult(
      String snapshot, RestoreEngine.Restored restored, Duration took, List<String> notes) {
    this(snapshot, restored, took, notes, Optional.empty());
  }

  /** Copies the notes. */
  public RestoreResult {
    notes = List.copyOf(notes);
  }

  /** How many bytes were written. */
  public long bytes() {
    return restored.bytes();
  }

  /** How many regular files are there. */
  public long files() {
    return restored.files();
  }
}
