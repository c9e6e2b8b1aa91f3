package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * What {@code global/pg_control} says that a recovery needs. Layout: {@code catalog/pg_control.h}
 * of PostgreSQL 15 to 18, the same in all of them as far as it is read here.
 *
 * @param floors by setting: a copy replays nothing with less
 * @param segmentBytes size of the write-ahead log's segments
 */
public record ControlFile(Map<String, Integer> floors, long segmentBytes) {
  private static final int LIMITS_AT = 180;
  private static final int FLOAT_FORMAT_AT = 208;
  private static final int SEGMENT_BYTES_AT = 228;

  /** Every control file has it: who finds it knows that the fields before lie where they should. */
  private static final double FLOAT_FORMAT = 1234567.0;

  /** Copies the limits. */
  public ControlFile {
    floors = Map.copyOf(floors);
  }

  /**
   * Reads the file.
   *
   * @throws PermanentException with code {@code MANIFEST_MISMATCH} if it is laid out otherwise
   */
  public static ControlFile parse(byte[] file) {
    ByteBuffer control = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < SEGMENT_BYTES_AT + Integer.BYTES
        || control.getDouble(FLOAT_FORMAT_AT) != FLOAT_FORMAT) {
      throw new PermanentException(
          ErrorCode.MANIFEST_MISMATCH,
          "The snapshot's global/pg_control is not laid out as that of PostgreSQL 15 to 18 on a"
              + " little-endian machine",
          "Restore the snapshot without a point in time, and recover it by PostgreSQL's own"
              + " settings.");
    }
    return new ControlFile(
        Map.of(
            "max_connections", control.getInt(LIMITS_AT),
            "max_worker_processes", control.getInt(LIMITS_AT + 4),
            "max_wal_senders", control.getInt(LIMITS_AT + 8),
            "max_prepared_transactions", control.getInt(LIMITS_AT + 12),
            "max_locks_per_transaction", control.getInt(LIMITS_AT + 16)),
        Integer.toUnsignedLong(control.getInt(SEGMENT_BYTES_AT)));
  }
}
