package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.WalRecord;
import io.lifeboat.postgres.WalRecords;
import io.lifeboat.repository.WalTimes;
import java.time.Instant;

/**
 * What is known of the time of a segment that comes complete, nobody knows how late: what its
 * records say. A transaction's end bears a time that was taken before its record was written;
 * whoever was told earlier of a commit has it before that record. So nothing that was acknowledged
 * by then lies behind the segment. When it was handed over says nothing of the kind.
 */
final class SegmentTimes {
  private final WalRecords records;
  private final Instant sentAt;
  private Instant newest;

  /**
   * Of a segment.
   *
   * @param sentAt when it was handed over, by the clock of the database's host
   * @param before the same of what it goes on from; {@link Instant#EPOCH} if it goes on from
   *     nothing
   */
  SegmentTimes(int segmentBytes, Instant sentAt, Instant before) {
    this.records = new WalRecords(segmentBytes, this::see);
    this.sentAt = sentAt;
    this.newest = before;
  }

  private void see(WalRecord record) {
    Instant at =
        switch (record.content()) {
          case WalRecord.TransactionEnd end -> end.at();
          case WalRecord.RestorePoint point -> point.at();
          case WalRecord.Limits _, WalRecord.Other _ -> Instant.EPOCH;
        };
    newest = at.isAfter(newest) ? at : newest;
  }

  /** Looks at the next bytes, and says what is known up to their end. */
  WalTimes look(Lsn at, byte[] bytes) {
    records.add(at, bytes, 0, bytes.length);
    return new WalTimes(sentAt.isBefore(newest) ? newest : sentAt, newest);
  }

  /** Whether every record of it is sound, as far as it can be read. */
  boolean isSound() {
    return records.state() == WalRecords.State.READING;
  }

  /** Where that ends. */
  Lsn soundUpTo() {
    return records.next();
  }
}
