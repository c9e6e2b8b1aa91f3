package io.lifeboat.repository;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.lifeboat.config.Tags;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

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
 * @param tags what it is marked with, in their order, none twice; stored only where there are any
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
    Optional<Proof> proof,
    @JacksonInject(value = SnapshotInfo.NO_TAGS, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<String> tags) {
  /** The name that {@link Json} knows the tags of a snapshot by that has none. */
  static final String NO_TAGS = "no tags";

  /** Sorts the tags and checks them. */
  public SnapshotInfo {
    tags = List.copyOf(new TreeSet<>(tags));
    Tags.problem(tags)
        .ifPresent(problem -> {
          throw new IllegalArgumentException(problem);
        });
  }

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
        newProof,
        tags);
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
