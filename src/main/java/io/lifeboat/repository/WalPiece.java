package io.lifeboat.repository;

import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run of bytes of one timeline's write-ahead log, within one segment. What a timeline has at a
 * position never changes, so pieces may overlap: at each position any of them serves.
 *
 * @param segment the number of the segment, unsigned: position divided by the segment's size
 * @param from offset in the segment of the first byte
 * @param to offset behind the last byte, beyond {@code from}
 */
public record WalPiece(int timeline, long segment, int from, int to)
    implements Comparable<WalPiece> {
  private static final Pattern NAME =
      Pattern.compile("([0-9a-f]{8})/([0-9a-f]{16})/([0-9a-f]{8})-([0-9a-f]{8})");
  private static final Comparator<WalPiece> ORDER =
      Comparator.comparingInt(WalPiece::timeline)
          .thenComparing(WalPiece::segment, Long::compareUnsigned)
          .thenComparingInt(WalPiece::from)
          .thenComparing(Comparator.comparingInt(WalPiece::to).reversed());

  /** Checks the run. */
  public WalPiece {
    if (timeline <= 0 || from < 0 || to <= from) {
      throw new IllegalArgumentException(
          "No piece of WAL: timeline " + timeline + ", from " + from + " to " + to);
    }
  }

  /** How many bytes it has. */
  public int lengthBytes() {
    return to - from;
  }

  /** Its name below the cluster's: {@code timeline/segment/from-to}, in hexadecimal. */
  String name() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(timeline)
        + "/"
        + hex.toHexDigits(segment)
        + "/"
        + hex.toHexDigits(from)
        + "-"
        + hex.toHexDigits(to);
  }

  /** The piece that a name means, or empty if none can be called like this. */
  static Optional<WalPiece> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int timeline = HexFormat.fromHexDigits(matcher.group(1));
    int from = HexFormat.fromHexDigits(matcher.group(3));
    int to = HexFormat.fromHexDigits(matcher.group(4));
    return timeline <= 0 || from < 0 || to <= from
        ? Optional.empty()
        : Optional.of(
            new WalPiece(timeline, HexFormat.fromHexDigitsToLong(matcher.group(2)), from, to));
  }

  /** By timeline and position; of those that begin together, the longest first. */
  @Override
  public int compareTo(WalPiece other) {
    return ORDER.compare(this, other);
  }
}
