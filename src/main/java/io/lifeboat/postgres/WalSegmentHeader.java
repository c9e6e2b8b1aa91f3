package io.lifeboat.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the first page of a segment says of it, in the layout of {@code XLogLongPageHeaderData} in
 * {@code access/xlog_internal.h}, which has been the same in all versions since 9.3; of a
 * little-endian machine.
 *
 * @param timeline the one that the page was written on: of a timeline's first segment perhaps one
 *     before it
 * @param start position of the segment
 * @param systemIdentifier of the cluster, in decimal
 * @param segmentBytes the cluster's {@code wal_segment_size}
 */
public record WalSegmentHeader(int timeline, Lsn start, String systemIdentifier, int segmentBytes) {
  /** How many bytes it has. */
  public static final int BYTES = 40;

  private static final int MAGIC_PREFIX = 0xD1;
  private static final int HAS_LONG_HEADER = 2;

  /** Reads it from the beginning of a segment; empty if that is no such header. */
  public static Optional<WalSegmentHeader> read(byte[] segment) {
    if (segment.length < BYTES) {
      return Optional.empty();
    }
    ByteBuffer page = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    boolean isOne =
        (page.getShort(0) >>> 8 & 0xFF) == MAGIC_PREFIX
            && (page.getShort(2) & HAS_LONG_HEADER) != 0;
    return isOne
        ? Optional.of(
            new WalSegmentHeader(
                page.getInt(4),
                new Lsn(page.getLong(8)),
                Long.toUnsignedString(page.getLong(24)),
                page.getInt(32)))
        : Optional.empty();
  }
}
