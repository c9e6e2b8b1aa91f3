package io.lifeboat.backup;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.StoreProof;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a finished backup did.
 *
 * @param snapshot the new snapshot's id
 * @param bytesRead bytes read from the source
 * @param bytesStored bytes added to the repository
 * @param bytesKnown of the bytes read, those that an earlier run had stored already, ended or not
 * @param bytesReused of the bytes known, those that runs of this host had stored which were killed
 *     or failed since the last one that ended well
 * @param filesTotal regular files in the snapshot
 * @param filesRead regular files whose contents were read; the others were known to be unchanged
 * @param warnings what was left out or changed while it was read, a sentence each
 * @param damage what of the source was damaged already, and is in its snapshot; empty if nothing
 *     was found
 * @param parent the snapshot since which changes were read, by an incremental backup; empty if the
 *     whole source was looked at
 * @param took until the snapshot was in the log
 * @param proof what the store was found to have of it then
 */
public record BackupResult(
    String snapshot,
    long bytesRead,
    long bytesStored,
    long bytesKnown,
    long bytesReused,
    long filesTotal,
    long filesRead,
    Duration took,
    List<String> warnings,
    Optional<String> damage,
    Optional<String> parent,
    StoreProof proof) {
  private static final int MOST_NAMED = 5;

  /** Copies the warnings. */
  public BackupResult {
    warnings = List.copyOf(warnings);
  }

  /**
   * Why this backup is not what was asked for, though its snapshot is there: with code {@code
   * OBJECT_MISSING} or {@code OBJECT_DAMAGED} if the store does not have what it took, else {@code
   * SOURCE_DAMAGED}.
   */
  public Optional<LifeboatException> failure() {
    return notKept().or(this::sourceDamaged);
  }

  private Optional<LifeboatException> notKept() {
    List<StoreProof.Problem> problems = proof.problems();
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    int more = problems.size() - MOST_NAMED;
    return Optional.of(
        new PermanentException(
            problems.getFirst().code(),
            "Snapshot "
                + snapshot
                + " is in the log, but the store does not have it as it was written: "
                + problems.stream()
                    .limit(MOST_NAMED)
                    .map(StoreProof.Problem::sentence)
                    .collect(Collectors.joining("; "))
                + (more > 0 ? "; and " + more + " more" : ""),
            "Do not count on this snapshot. Put the objects back from a copy of the store, or move"
                + " a damaged pack away, which later backups would count on; then take another"
                + " backup: it stores anew what is missing. `lifeboat repair` mends entries of the"
                + " log. Find out how the store came to lose or change what it had taken; `lifeboat"
                + " verify --level L1` says what else is hit."));
  }

  private Optional<LifeboatException> sourceDamaged() {
    return damage.map(what ->
        new PermanentException(
            ErrorCode.SOURCE_DAMAGED,
            "Snapshot " + snapshot + " is there, but its source is damaged: " + what,
            "Check the server's disk, mend what is named (an index: REINDEX; a table: its rows from"
                + " an older snapshot), and take another backup: no drill of this one passes."));
  }
}
