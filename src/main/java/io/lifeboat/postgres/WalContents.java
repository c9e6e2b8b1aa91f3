package io.lifeboat.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * What records of the write-ahead log say about transactions, restore points and the server's
 * limits. Layout: {@code access/xact.h}, {@code access/xlog_internal.h} and {@code
 * access/xlogrecord.h} of PostgreSQL 15 to 18.
 */
final class WalContents {
  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int INFO_AT = 16;
  private static final int MANAGER_AT = 17;
  private static final int OF_LOG = 0;
  private static final int OF_TRANSACTIONS = 1;

  private static final int SWITCH = 0x40;
  private static final int LIMITS = 0x60;
  private static final int RESTORE_POINT = 0x70;
  private static final int RESTORE_POINT_NAME_BYTES = 64;

  private static final int TRANSACTION_KINDS = 0x70;
  private static final int COMMIT = 0x00;
  private static final int ABORT = 0x20;
  private static final int COMMIT_PREPARED = 0x30;
  private static final int ABORT_PREPARED = 0x40;
  private static final int HAS_MORE = 0x80;

  private static final int DATA_SHORT = 255;
  private static final int DATA_LONG = 254;
  private static final int ORIGIN = 253;
  private static final int TOP_XID = 252;

  private static final int MAJOR_WITH_LONG_STATISTICS = 18;

  private WalContents() {}

  private static int info(byte[] head) {
    return head[INFO_AT] & 0xF0;
  }

  /** Whether the data of a record with this header is looked at. */
  static boolean wants(byte[] head) {
    return switch (head[MANAGER_AT]) {
      case OF_LOG -> info(head) == LIMITS || info(head) == RESTORE_POINT;
      case OF_TRANSACTIONS ->
          switch (info(head) & TRANSACTION_KINDS) {
            case COMMIT, ABORT, COMMIT_PREPARED, ABORT_PREPARED -> true;
            default -> false;
          };
      default -> false;
    };
  }

  /** Whether the rest of the segment is empty. */
  static boolean isSwitch(byte[] head) {
    return head[MANAGER_AT] == OF_LOG && info(head) == SWITCH;
  }

  static WalRecord.Content of(byte[] head, byte[] data, int major) {
    Optional<ByteBuffer> main = wants(head) ? main(data) : Optional.empty();
    if (main.isEmpty()) {
      return new WalRecord.Other();
    }
    if (head[MANAGER_AT] == OF_TRANSACTIONS) {
      int xid = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
      return transaction(info(head), xid, main.get(), major);
    }
    return info(head) == LIMITS ? limits(main.get()) : restorePoint(main.get());
  }

  /** What follows the headers; records that touch pages are none of those we look at. */
  private static Optional<ByteBuffer> main(byte[] data) {
    ByteBuffer all = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    while (all.remaining() > 1) {
      switch (Byte.toUnsignedInt(all.get())) {
        case ORIGIN -> all.position(all.position() + 2);
        case TOP_XID -> all.position(all.position() + 4);
        case DATA_SHORT -> {
          all.get();
          return Optional.of(all);
        }
        case DATA_LONG -> {
          all.getInt();
          return Optional.of(all);
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static WalRecord.Content transaction(int info, int xid, ByteBuffer main, int major) {
    int kind = info & TRANSACTION_KINDS;
    boolean committed = kind == COMMIT || kind == COMMIT_PREPARED;
    Instant at = time(main.getLong());
    int more = (info & HAS_MORE) == 0 ? 0 : main.getInt();
    int ended = kind == COMMIT || kind == ABORT ? xid : prepared(main, more, committed, major);
    return new WalRecord.TransactionEnd(ended, committed, at);
  }

  /** The number of a prepared transaction lies behind lists that are passed over. */
  private static int prepared(ByteBuffer main, int more, boolean committed, int major) {
    skip(main, more, 1, 8);
    skipList(main, more, 1 << 1, 4);
    skipList(main, more, 1 << 2, 12);
    skipList(main, more, 1 << 8, major >= MAJOR_WITH_LONG_STATISTICS ? 16 : 12);
    skipList(main, committed ? more : 0, 1 << 3, 16);
    return main.getInt();
  }

  private static void skip(ByteBuffer main, int more, int flag, int bytes) {
    if ((more & flag) != 0) {
      main.position(main.position() + bytes);
    }
  }

  private static void skipList(ByteBuffer main, int more, int flag, int entryBytes) {
    if ((more & flag) != 0) {
      skip(main, more, flag, Integer.BYTES + main.getInt(main.position()) * entryBytes);
    }
  }

  private static WalRecord.Content restorePoint(ByteBuffer main) {
    Instant at = time(main.getLong());
    byte[] name = new byte[RESTORE_POINT_NAME_BYTES];
    main.get(name);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new WalRecord.RestorePoint(new String(name, 0, length, StandardCharsets.UTF_8), at);
  }

  private static WalRecord.Content limits(ByteBuffer main) {
    return new WalRecord.Limits(
        Map.of(
            "max_connections", main.getInt(),
            "max_worker_processes", main.getInt(),
            "max_wal_senders", main.getInt(),
            "max_prepared_transactions", main.getInt(),
            "max_locks_per_transaction", main.getInt()));
  }

  private static Instant time(long microseconds) {
    return EPOCH.plus(microseconds, ChronoUnit.MICROS);
  }
}
