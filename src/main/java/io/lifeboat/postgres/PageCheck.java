package io.lifeboat.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;

/**
 * Looks at the pages of one file while its bytes go by.
 *
 * <pre>
 * page := LSN (u32 high, u32 low) || checksum u16 || flags u16 || lower u16 || upper u16
 *         || special u16 || size and version u16 || …
 * </pre>
 *
 * <p>In the byte order of a little-endian server; pages of another one are for that server alone to
 * check. A page whose {@code upper} is 0 was never filled and has no checksum. For one thread.
 */
final class PageCheck {
  private static final int CHECKSUM_AT = 8;
  private static final int UPPER_AT = 14;
  private static final int SIZE_AND_VERSION_AT = 18;
  private static final int VERSION = 4;

  private final RelationFile file;
  private final PageChecksum checksum;
  private final PageSuspects suspects;
  private final byte[] page;
  private final short bigEndian;
  private final LongSupplier numbers;
  private int filled;

  /**
   * A check of what comes of a file.
   *
   * @param numbers of its pages in the relation's fork, in the order in which they come
   */
  PageCheck(RelationFile file, PageLayout layout, LongSupplier numbers, PageSuspects suspects) {
    this.file = file;
    this.suspects = suspects;
    this.checksum = new PageChecksum(layout.pageBytes());
    this.page = new byte[layout.pageBytes()];
    this.bigEndian = Short.reverseBytes((short) (layout.pageBytes() | VERSION));
    this.numbers = numbers;
  }

  /** The next bytes of the file. What is less than a page at its end is not looked at. */
  void update(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (filled == 0 && end - at >= page.length) {
        check(bytes, at);
        at += page.length;
      } else {
        int step = Math.min(end - at, page.length - filled);
        System.arraycopy(bytes, at, page, filled, step);
        filled += step;
        at += step;
        if (filled == page.length) {
          filled = 0;
          check(page, 0);
        }
      }
    }
  }

  private void check(byte[] bytes, int at) {
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long number = numbers.getAsLong();
    if (header.getShort(at + UPPER_AT) == 0
        || header.getShort(at + SIZE_AND_VERSION_AT) == bigEndian) {
      return;
    }
    int stated = Short.toUnsignedInt(header.getShort(at + CHECKSUM_AT));
    if (checksum.of(bytes, at, number) != stated) {
      long high = header.getInt(at);
      long low = Integer.toUnsignedLong(header.getInt(at + Integer.BYTES));
      suspects.add(file, number, new Lsn(high << 32 | low));
    }
  }
}
