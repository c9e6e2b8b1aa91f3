package io.lifeboat.backup;

import java.time.Duration;
import java.util.List;

/**
 * What a finished backup did.
 *
 * @param snapshot the new snapshot's id
 * @param bytesRead bytes read from the source
 * @param bytesStored bytes added to the repository
 * @param filesTotal regular files in the snapshot
 * @param filesRead regular files whose contents were read; the others were known to be unchanged
 * @param warnings what was left out or changed while it was read, a sentence each
 */
public record BackupResult(
    String snapshot,
    long bytesRead,
    long bytesStored,
    long filesTotal,
    long filesRead,
    Duration took,
    List<String> warnings) {
  /** Copies the warnings. */
  public BackupResult {
    warnings = List.copyOf(warnings);
  }
}
