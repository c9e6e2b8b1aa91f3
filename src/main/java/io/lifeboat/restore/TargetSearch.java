package io.lifeboat.restore;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.postgres.WalRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for the record that ends a recovery, as PostgreSQL does, and for what it needs until then.
 * For one thread.
 */
final class TargetSearch {
  private final RecoveryTarget target;
  private final Lsn from;
  private final Map<String, Integer> floors = new HashMap<>();
  private Optional<WalRecord> found = Optional.empty();

  /**
   * Looks for a target.
   *
   * @param from where the copy is consistent: what lies before is no end
   */
  TargetSearch(RecoveryTarget target, Lsn from) {
    this.target = target;
    this.from = from;
  }

  /** Looks at the next record. */
  void see(WalRecord record) {
    if (found.isPresent()) {
      return;
    }
    if (record.content() instanceof WalRecord.Limits limits) {
      limits.floors().forEach((name, value) -> floors.merge(name, value, Math::max));
    }
    if (record.start().compareTo(from) >= 0 && ends(record)) {
      found = Optional.of(record);
    }
  }

  private boolean ends(WalRecord record) {
    return switch (target) {
      case RecoveryTarget.Time time ->
          record.content() instanceof WalRecord.TransactionEnd end && time.isBeyond(end.at());
      case RecoveryTarget.Position position -> record.start().compareTo(position.lsn()) >= 0;
      case RecoveryTarget.Transaction transaction ->
          record.content() instanceof WalRecord.TransactionEnd end
              && end.xid() == (int) transaction.xid();
      case RecoveryTarget.RestorePoint point ->
          record.content() instanceof WalRecord.RestorePoint here
              && here.name().equals(point.name());
      case RecoveryTarget.Immediate now -> false;
      case RecoveryTarget.Latest latest -> false;
    };
  }

  /** The record that ends it. */
  Optional<WalRecord> found() {
    return found;
  }

  /** The limits that the server had on the way, by setting: the highest of each. */
  Map<String, Integer> floors() {
    return Map.copyOf(floors);
  }
}
