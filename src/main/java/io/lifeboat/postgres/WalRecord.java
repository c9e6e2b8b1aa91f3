package io.lifeboat.postgres;

import java.time.Instant;
import java.util.Map;

/**
 * A record of the write-ahead log.
 *
 * @param start position of its first byte
 * @param end position behind its last one, without what aligns the next record
 */
public record WalRecord(Lsn start, Lsn end, Content content) {
  /** What of a record a recovery's end depends on. */
  public sealed interface Content {}

  /**
   * A transaction ended.
   *
   * @param xid its number without the epoch, unsigned; of a prepared transaction the one that it
   *     was prepared under
   * @param at when, by the server's clock
   */
  public record TransactionEnd(int xid, boolean committed, Instant at) implements Content {}

  /** Somebody called {@code pg_create_restore_point}. */
  public record RestorePoint(String name, Instant at) implements Content {}

  /**
   * The server was started with other limits.
   *
   * @param floors by setting: a copy replays no further with less
   */
  public record Limits(Map<String, Integer> floors) implements Content {
    /** Copies the limits. */
    public Limits {
      floors = Map.copyOf(floors);
    }
  }

  /** Anything else. */
  public record Other() implements Content {}
}
