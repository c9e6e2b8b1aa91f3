package io.lifeboat.postgres;

import java.util.List;
import java.util.Optional;

/**
 * What a finished base backup is.
 *
 * @param startLsn where a copy's recovery begins
 * @param stopLsn where a copy is consistent, at the earliest
 * @param timeline of {@code stopLsn}
 * @param tablespaces without the two built-in ones, which live in the data directory
 * @param manifest {@code backup_manifest}, as it came
 * @param damage pages of the source that are damaged, and so are their copies
 */
public record BaseBackupResult(
    Lsn startLsn,
    Lsn stopLsn,
    int timeline,
    List<Tablespace> tablespaces,
    byte[] manifest,
    Optional<PageDamage> damage) {
  /** Copies the list. */
  public BaseBackupResult {
    tablespaces = List.copyOf(tablespaces);
  }

  /**
   * Data kept outside the data directory.
   *
   * @param oid its number, the name of its folder in a snapshot
   * @param location its absolute path on the source
   */
  public record Tablespace(long oid, String location) {}
}
