package io.lifeboat.repository;

import java.time.Instant;
import java.util.Optional;

/**
 * What a list of snapshots shows: readable with the domain's summary key, without a recovery
 * identity.
 *
 * @param id 26 characters, sorts by start time
 * @param sourceType {@code postgres} or {@code files}
 * @param sizeBytes what a restore writes
 * @param storedBytes what this backup added to the repository
 * @param files how many regular files
 * @param proof the newest drill of this snapshot
 */
public record SnapshotInfo(
    String id,
    String source,
    String sourceType,
    String plan,
    Instant startedAt,
    Instant finishedAt,
    long sizeBytes,
    long storedBytes,
    long files,
    Optional<Proof> proof) {

  /** The same snapshot with another proof. */
  public SnapshotInfo withProof(Optional<Proof> newProof) {
    return new SnapshotInfo(
        id,
        source,
        sourceType,
        plan,
        startedAt,
        finishedAt,
        sizeBytes,
        storedBytes,
        files,
        newProof);
  }

  /**
   * What a drill found.
   *
   * @param drill the drill's id
   * @param verdict PASS, FAIL, ERROR or SKIPPED
   * @param level {@code L0} to {@code L7}: the highest level whose checks and all below passed
   */
  public record Proof(String drill, String verdict, String level, Instant at) {}
}
