package io.lifeboat.backup;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
    Optional<String> parent) {
  /** Copies the warnings. */
  public BackupResult {
    warnings = List.copyOf(warnings);
  }

  /**
   * Why this backup is not what was asked for, though its snapshot is there: with code {@code
   * SOURCE_DAMAGED}.
   */
  public Optional<LifeboatException> failure() {
    return damage.map(what ->
        new PermanentException(
            ErrorCode.SOURCE_DAMAGED,
            "Snapshot " + snapshot + " is there, but its source is damaged: " + what,
            "Check the server's disk, mend what is named (an index: REINDEX; a table: its rows from"
                + " an older snapshot), and take another backup: no drill of this one passes."));
  }
}
