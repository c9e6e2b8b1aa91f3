package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** Where a recovery ends: as PostgreSQL's {@code recovery_target…} settings have it. */
public sealed interface RecoveryTarget {
  /**
   * Before the first transaction that ended later.
   *
   * @param at by the server's clock, cut to microseconds
   * @param inclusive whether transactions that ended at this very instant count
   */
  record Time(Instant at, boolean inclusive) implements RecoveryTarget {
    /** PostgreSQL counts microseconds. */
    public Time {
      at = at.truncatedTo(ChronoUnit.MICROS);
    }

    /** The end that a transaction must not have had: whoever ended then is not in it. */
    public boolean isBeyond(Instant end) {
      return inclusive ? end.isAfter(at) : !end.isBefore(at);
    }

    @Override
    public String toString() {
      return (inclusive ? "" : "just before ") + at;
    }
  }

  /**
   * At the first record that begins there or later.
   *
   * @param inclusive whether that record is applied
   */
  record Position(Lsn lsn, boolean inclusive) implements RecoveryTarget {
    @Override
    public String toString() {
      return (inclusive ? "" : "just before ") + "position " + lsn;
    }
  }

  /**
   * At the end of a transaction.
   *
   * @param xid its number; an epoch in the upper half is passed over, as PostgreSQL does
   * @param inclusive whether it is committed
   */
  record Transaction(long xid, boolean inclusive) implements RecoveryTarget {
    @Override
    public String toString() {
      return (inclusive ? "" : "just before ") + "the end of transaction " + xid;
    }
  }

  /** Where somebody called {@code pg_create_restore_point}. */
  record RestorePoint(String name) implements RecoveryTarget {
    private static final int LONGEST_BYTES = 63;

    /** Refuses what no restore point can be called. */
    public RestorePoint {
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (length == 0 || length > LONGEST_BYTES || name.chars().anyMatch(c -> c < ' ')) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "No restore point can be called '" + name + "'",
            "Give the name that pg_create_restore_point was called with, of 1 to 63 bytes.");
      }
    }

    @Override
    public String toString() {
      return "restore point " + name;
    }
  }

  /** As soon as the copy is consistent: the end of its base backup. */
  record Immediate() implements RecoveryTarget {
    @Override
    public String toString() {
      return "the end of the base backup";
    }
  }

  /** At the end of what is stored. */
  record Latest() implements RecoveryTarget {
    @Override
    public String toString() {
      return "the end of what is covered";
    }
  }

  /**
   * Reads an instant as ISO 8601 has it, with a zone or an offset.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  static Instant instant(String text) {
    try {
      return ZonedDateTime.parse(
              text.strip().replace(' ', 'T'), DateTimeFormatter.ISO_ZONED_DATE_TIME)
          .toInstant();
    } catch (DateTimeParseException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "'" + text + "' is no instant: a date, a time and a zone or offset are needed",
          "Write it like 2026-11-29T14:03:00Z, 2026-11-29T15:03:00+01:00 or"
              + " 2026-11-29T15:03:00+01:00[Europe/Berlin].",
          e);
    }
  }

  /**
   * Reads a position in PostgreSQL's notation.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  static Lsn position(String text) {
    try {
      return Lsn.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "'" + text + "' is no position in the write-ahead log",
          "Write it as pg_current_wal_lsn() does, like 16/B374D848.",
          e);
    }
  }
}
