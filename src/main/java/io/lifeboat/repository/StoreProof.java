package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import java.time.Duration;
import java.util.List;

/**
 * What a store was found to have of a snapshot that had just been written to it.
 *
 * @param level {@code L1} if all that the run wrote was read back, {@code L0} if it was only looked
 *     whether it is there
 * @param packs of the run's own packs, those that were read back
 * @param bytes how many bytes were read of them and of the run's index segments
 * @param left of the run's own packs, those that were not read back
 * @param leftBytes how many bytes these and the segments that were not read back have
 * @param older packs that were there before, which the snapshot needs and the store lists
 * @param problems what is wrong; empty if nothing is
 */
public record StoreProof(
    Verification.Depth level,
    long packs,
    long bytes,
    long left,
    long leftBytes,
    long older,
    List<Problem> problems,
    Duration took) {
  /** Copies the problems. */
  public StoreProof {
    problems = List.copyOf(problems);
  }

  /**
   * An object that is not as it was written.
   *
   * @param code {@code OBJECT_MISSING} or {@code OBJECT_DAMAGED}
   * @param sentence names it
   */
  public record Problem(ErrorCode code, String sentence) {}
}
