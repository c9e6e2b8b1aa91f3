package io.lifeboat.retention;

import io.lifeboat.repository.CondemnedPacks;
import io.lifeboat.repository.Maintenance;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a prune did to packs, or would.
 *
 * @param repacked packs that were mostly dead, whose living part was copied; they are condemned,
 *     too
 * @param condemned packs that became garbage
 * @param sweptPacks packs that may be deleted from now on
 * @param deleted packs that are gone
 * @param left what is condemned and not deleted, with when it can be
 * @param wal pieces of write-ahead logs that are gone
 */
public record PruneWork(
    Maintenance.Repacked repacked,
    Maintenance.Condemned condemned,
    long sweptPacks,
    Maintenance.Deleted deleted,
    CondemnedPacks left,
    Maintenance.DeletedWal wal) {
  /** How many bytes were given back, packs and WAL together. */
  public long bytesFreed() {
    return deleted.bytes() + wal.bytes();
  }

  /** Objects that the store would not delete, a sentence each; they are tried again next time. */
  public List<String> refused() {
    return Stream.concat(deleted.refused().stream(), wal.refused().stream()).toList();
  }
}
