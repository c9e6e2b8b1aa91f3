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
 * @param sourceType {@code postgres}, {@code postgres-logical} or {@code files}
 * @param sizeBytes what a restore writes
 * @param storedBytes what this backup added to the repository
 * @param files how many regular files
 * @param proof the newest drill of this snapshot
 * @param tags what it is marked with, in their order, none twice; stored only where there are any
 * @param wal where in its cluster's write-ahead log it lies; stored only where there is any
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
        List<String> tags,
    @JacksonInject(value = SnapshotInfo.NO_WAL, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Wal> wal) {
  /** The name that {@link Json} knows the tags of a snapshot by that has none. */
  static final String NO_TAGS = "no tags";

  /** The name that {@link Json} knows the log of a snapshot by that has none. */
  static final String NO_WAL = "no wal";

  /**
   * The range of the write-ahead log that makes a physical copy consistent. It lies in the snapshot
   * itself; what follows it may lie in the {@link WalArchive}.
   *
   * @param cluster what {@link WalArchive} calls it
   * @param start position where a copy's recovery begins, unsigned
   * @param stop position where a copy is consistent, unsigned
   * @param stoppedAt an instant after the server had written {@code stop}, by the server's clock
   * @param segmentBytes how long a segment of the cluster's is
   */
  public record Wal(
      String cluster, int timeline, long start, long stop, Instant stoppedAt, long segmentBytes) {}

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
        tags,
        wal);
  }

  /**
   * What a drill found.
   *
   * @param drill the drill's id
   * @param verdict PASS, FAIL, ERROR or SKIPPED
   * @param level {@code L0} to {@code L7}: the highest level whose checks and all below passed
   * @param terms what it was proven by; none for drills of before that was kept
   * @param earlier where this drill could not tell (ERROR, SKIPPED): the last one before it that
   *     could
   */
  public record Proof(
      String drill,
      String verdict,
      String level,
      Instant at,
      Optional<DrillSummary.Terms> terms,
      Optional<Proof> earlier) {
    /** A drill that says no more than what it found. */
    public Proof(String drill, String verdict, String level, Instant at) {
      this(drill, verdict, level, at, Optional.empty(), Optional.empty());
    }

    /** What the log keeps of a drill. */
    static Proof of(DrillSummary drill) {
      return new Proof(
          drill.drill(),
          drill.verdict(),
          drill.level(),
          drill.at(),
          drill.terms(),
          Optional.empty());
    }

    /** The last drill that could tell whether the snapshot is good: PASS or FAIL. */
    public Optional<Proof> told() {
      boolean tells = verdict.equals("PASS") || verdict.equals("FAIL");
      return tells ? Optional.of(this) : earlier;
    }

    /** The same with what was known before it. */
    Proof after(Proof older) {
      return told().isPresent() ? this : new Proof(drill, verdict, level, at, terms, older.told());
    }
  }
}
