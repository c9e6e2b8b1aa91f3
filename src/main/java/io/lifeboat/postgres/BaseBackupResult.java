package io.lifeboat.postgres;

import java.util.Collections;
import java.util.List;
import java.util.Map;
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
 * @param incremental what it was taken against; empty if it is a full one
 */
public record BaseBackupResult(
    Lsn startLsn,
    Lsn stopLsn,
    int timeline,
    List<Tablespace> tablespaces,
    byte[] manifest,
    Optional<PageDamage> damage,
    Optional<Incremental> incremental) {
  /** Copies the list. */
  public BaseBackupResult {
    tablespaces = List.copyOf(tablespaces);
  }

  /**
   * How an incremental backup came about.
   *
   * @param parent the snapshot that it was taken against
   * @param arrived files that the consumer got in another form than they came, by the names in
   *     {@code manifest}: those of which blocks came, and the label
   * @param label the label as the consumer got it
   */
  public record Incremental(
      String parent, Map<BaseBackupPath, FileFacts> arrived, FileFacts label) {
    /** Makes the map unmodifiable. */
    public Incremental {
      arrived = Collections.unmodifiableMap(arrived);
    }
  }

  /**
   * Data kept outside the data directory.
   *
   * @param oid its number, the name of its folder in a snapshot
   * @param location its absolute path on the source
   */
  public record Tablespace(long oid, String location) {}
}
