package io.lifeboat.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The checksum of a page as {@code pg_checksum_page} computes it: 32 FNV-1a sums side by side over
 * the words of the page, mixed with each other and with the page's number. For one thread.
 *
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/master/src/include/storage/checksum_impl.h">checksum_impl.h</a>
 */
final class PageChecksum {
  private static final int SUMS = 32;
  private static final int PRIME = 16777619;

  /** The word with the checksum itself, which counts as zero, in its lower half. */
  private static final int CHECKSUM_WORD = 2;

  private static final int[] OFFSETS = {
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
  };

  private final int[] words;
  private final int[] sums = new int[SUMS];

  /** For pages of this size. */
  PageChecksum(int pageBytes) {
    this.words = new int[pageBytes / Integer.BYTES];
  }

  /**
   * The checksum that a page should have.
   *
   * @param at where the page begins
   * @param block its number in the relation's fork, from 0
   * @return from 1 to 65535
   */
  int of(byte[] bytes, int at, long block) {
    ByteBuffer.wrap(bytes, at, words.length * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(words);
    words[CHECKSUM_WORD] &= 0xFFFF0000;
    System.arraycopy(OFFSETS, 0, sums, 0, SUMS);
    for (int row = 0; row < words.length; row += SUMS) {
      for (int i = 0; i < SUMS; i++) {
        int mixed = sums[i] ^ words[row + i];
        sums[i] = mixed * PRIME ^ mixed >>> 17;
      }
    }
    int all = 0;
    for (int sum : sums) {
      int mixed = sum;
      for (int round = 0; round < 2; round++) {
        mixed = mixed * PRIME ^ mixed >>> 17;
      }
      all ^= mixed;
    }
    return Integer.remainderUnsigned(all ^ (int) block, 65535) + 1;
  }
}
