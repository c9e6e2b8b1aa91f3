package io.lifeboat.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The head of a file {@code INCREMENTAL.<name>}: which blocks of a relation's file have come.
 *
 * <pre>
 * file := magic u32 || number of blocks u32 || blocks kept u32 || block number u32 *
 *         || zeros up to a whole block, if there are blocks || block *
 * </pre>
 *
 * <p>In the server's byte order. Block numbers count from the file's beginning and ascend.
 *
 * @param blocks which have come
 * @param keptBlocks how far the parent's file is still good, but for these: what it lacks up to
 *     there is zeros
 * @param blockBytes how long a block is
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/master/src/bin/pg_combinebackup/reconstruct.c">reconstruct.c</a>
 */
public record IncrementalFile(int[] blocks, int keptBlocks, int blockBytes) {
  static final String PREFIX = "INCREMENTAL.";

  private static final int MAGIC = 0xd3ae1f0d;
  private static final int FIXED_BYTES = 3 * Integer.BYTES;

  /**
   * Reads the head, up to the first block.
   *
   * @param sizeBytes of the whole file
   * @throws IOException with a sentence, if the file is not what it should be or ends too early
   */
  static IncrementalFile read(InputStream in, long sizeBytes, PageLayout layout)
      throws IOException {
    ByteBuffer fixed = ByteBuffer.wrap(exactly(in, FIXED_BYTES));
    ByteOrder order = order(fixed);
    fixed.order(order);
    int count = within(fixed.getInt(Integer.BYTES), layout, "a number of blocks of ");
    int kept = within(fixed.getInt(2 * Integer.BYTES), layout, "a length of so many blocks: ");
    long headBytes = FIXED_BYTES + (long) count * Integer.BYTES;
    long paddedBytes =
        count == 0
            ? headBytes
            : (headBytes + layout.pageBytes() - 1) / layout.pageBytes() * layout.pageBytes();
    long expectedBytes = paddedBytes + (long) count * layout.pageBytes();
    if (sizeBytes != expectedBytes) {
      throw new IOException(
          "it has " + sizeBytes + " bytes, where " + count + " blocks make " + expectedBytes);
    }
    int[] blocks = new int[count];
    ByteBuffer.wrap(exactly(in, count * Integer.BYTES)).order(order).asIntBuffer().get(blocks);
    exactly(in, (int) (paddedBytes - headBytes));
    requireAscending(blocks, layout);
    return new IncrementalFile(blocks, kept, layout.pageBytes());
  }

  private static ByteOrder order(ByteBuffer fixed) throws IOException {
    int magic = fixed.order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    if (magic == MAGIC) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    if (Integer.reverseBytes(magic) == MAGIC) {
      return ByteOrder.BIG_ENDIAN;
    }
    throw new IOException("it begins with " + Integer.toHexString(magic) + ", which is no mark");
  }

  private static int within(int number, PageLayout layout, String what) throws IOException {
    if (Integer.compareUnsigned(number, (int) layout.segmentPages()) > 0) {
      throw new IOException(
          "it has "
              + what
              + Integer.toUnsignedString(number)
              + ", where a file has at most "
              + layout.segmentPages());
    }
    return number;
  }

  private static void requireAscending(int[] blocks, PageLayout layout) throws IOException {
    long before = -1;
    for (int block : blocks) {
      long number = Integer.toUnsignedLong(block);
      if (number <= before) {
        throw new IOException("block " + number + " comes after block " + before);
      }
      if (number >= layout.segmentPages()) {
        throw new IOException(
            "it has block " + number + ", where a file has at most " + layout.segmentPages());
      }
      before = number;
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length != length) {
      throw new IOException("it ends within its head");
    }
    return bytes;
  }

  /** How long the whole file is. */
  public long sizeBytes() {
    int last = blocks.length == 0 ? 0 : blocks[blocks.length - 1] + 1;
    return (long) Math.max(keptBlocks, last) * blockBytes;
  }

  /** How many bytes of it have come. */
  public long newBytes() {
    return (long) blocks.length * blockBytes;
  }

  /**
   * The same of a file that ends where the parent's does, but for blocks that came: for forks of
   * which trailing zeros mean nothing.
   */
  public IncrementalFile withoutZerosAtItsEnd(long parentBytes) {
    int kept = (int) Math.min(keptBlocks, parentBytes / blockBytes);
    return new IncrementalFile(blocks, kept, blockBytes);
  }

  /** Whether it is the parent's file, whose length this is. */
  public boolean isUnchanged(long parentBytes) {
    return blocks.length == 0 && sizeBytes() == parentBytes;
  }
}
