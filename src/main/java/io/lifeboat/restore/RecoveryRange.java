package io.lifeboat.restore;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Instant;

/**
 * A range without a gap that a cluster can be recovered to any point of.
 *
 * @param cluster what the repository calls the cluster: of two, both may have the same positions
 * @param timeline the one that the recovery follows; its beginning may lie on one before it
 * @param snapshot the one that it begins with
 * @param from position where that is complete
 * @param since when that was
 * @param to position behind the last byte that is stored
 * @param until the instant that is covered
 */
public record RecoveryRange(
    String cluster, int timeline, String snapshot, Lsn from, Instant since, Lsn to, Instant until) {
  static RecoveryRange of(SnapshotInfo info, int timeline, Lsn to, Instant until) {
    SnapshotInfo.Wal wal = info.wal().orElseThrow();
    return new RecoveryRange(
        wal.cluster(), timeline, info.id(), new Lsn(wal.stop()), wal.stoppedAt(), to, until);
  }
}
