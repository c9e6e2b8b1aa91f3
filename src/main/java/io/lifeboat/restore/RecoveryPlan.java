package io.lifeboat.restore;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.WalArchive;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How a point in time is reached: by which snapshot and which write-ahead log. It was made by
 * {@link PointInTime} and holds as long as nothing of that is deleted.
 *
 * @param target as it was asked for
 * @param toTheEnd whether the end of the log is what was asked for: then PostgreSQL is told of no
 *     target, because it would never meet it
 * @param timeline the one that the recovery follows
 * @param coveredUpTo until when the log is stored
 * @param wal what has to be fetched; empty for what the snapshot has in itself
 */
public record RecoveryPlan(
    SnapshotInfo snapshot,
    RecoveryTarget target,
    boolean toTheEnd,
    int timeline,
    Instant coveredUpTo,
    Wal wal) {
  /**
   * What is fetched.
   *
   * @param histories the files {@code <timeline>.history}, by timeline: of later ones too, so that
   *     the copy begins one that nobody had
   */
  record Wal(WalArchive archive, WalStretch stretch, Map<Integer, byte[]> histories) {
    Wal {
      histories = Map.copyOf(histories);
    }
  }

  /** Where the snapshot itself is complete. */
  Lsn consistentAt() {
    return new Lsn(snapshot.wal().orElseThrow().stop());
  }

  /** What PostgreSQL is told; empty for the end of the log. */
  Optional<RecoveryTarget> end() {
    return toTheEnd ? Optional.empty() : Optional.of(target);
  }

  /** How PostgreSQL is told of the timeline: of one whose history nobody has only in this way. */
  String timelineSetting() {
    return timeline == 1 || wal.histories().containsKey(timeline)
        ? Integer.toString(timeline)
        : "current";
  }
}
