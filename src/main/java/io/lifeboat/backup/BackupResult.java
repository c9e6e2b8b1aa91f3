package io.lifeboat.backup;

import java.time.Duration;
import java.util.List;

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
    List<String> warnings) {
  /** Copies the warnings. */
  public BackupResult {
    warnings = List.copyOf(warnings);
  }
}
