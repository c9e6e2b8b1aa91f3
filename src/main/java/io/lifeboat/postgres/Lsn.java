package io.lifeboat.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * A position in the write-ahead log.
 *
 * @param position bytes since the log's beginning, unsigned
 */
public record Lsn(long position) implements Comparable<Lsn> {
  /**
   * Reads PostgreSQL's notation, two hexadecimal numbers of 32 bits: {@code 16/B374D848}.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  @JsonCreator
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1 || slash > 8 || text.length() - slash - 1 > 8) {
      throw new IllegalArgumentException("Not a position in the write-ahead log: '" + text + "'");
    }
    long high = Long.parseUnsignedLong(text, 0, slash, 16);
    long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
    return new Lsn(high << 32 | low);
  }

  /** The number of the segment that holds this position. */
  public long segment(long segmentBytes) {
    return Long.divideUnsigned(position, segmentBytes);
  }

  /** Where the segment begins that holds this position. */
  public Lsn segmentStart(long segmentBytes) {
    return new Lsn(position - offset(segmentBytes));
  }

  /** How far this position is behind its segment's beginning. */
  public long offset(long segmentBytes) {
    return Long.remainderUnsigned(position, segmentBytes);
  }

  /** The position that is so many bytes further. */
  public Lsn plus(long bytes) {
    return new Lsn(position + bytes);
  }

  /** How many bytes this is beyond the other; negative if it is before it. */
  public long minus(Lsn other) {
    return position - other.position;
  }

  /** Whether this lies before the other. */
  public boolean isBefore(Lsn other) {
    return compareTo(other) < 0;
  }

  /** The farther one. */
  public static Lsn max(Lsn one, Lsn other) {
    return one.isBefore(other) ? other : one;
  }

  /** The nearer one. */
  public static Lsn min(Lsn one, Lsn other) {
    return one.isBefore(other) ? one : other;
  }

  /**
   * The number of the segment that holds the byte before this position: the last one of a range.
   */
  public long lastSegment(long segmentBytes) {
    return Long.divideUnsigned(position - 1, segmentBytes);
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(position, other.position);
  }

  @Override
  @JsonValue
  public String toString() {
    return String.format(Locale.ROOT, "%X/%X", position >>> 32, position & 0xFFFFFFFFL);
  }
}
