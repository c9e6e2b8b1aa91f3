package io.lifeboat.repository.chunking;

/**
 * Content-defined chunking: FastCDC with a keyed Gear table and normalised chunking of level 2 (Xia
 * et al., "FastCDC", USENIX ATC 2016; "The Design of Fast Content-Defined Chunking", IEEE TPDS
 * 2020). An insertion moves the boundaries around it and no others.
 *
 * <p>The hash is {@code h = (h << 1) + table[byte]}, begun at zero at the chunk's minimum size; a
 * chunk ends after the byte where {@code h & mask == 0}: with the strict mask up to the average
 * size, with the loose one from there on, and at the maximum in any case. The masks take the hash's
 * highest bits, which depend on the most bytes: 64 of them.
 */
public final class FastCdcCutter implements Cutter {
  private final long[] gear;
  private final Sizes sizes;
  private final long strictMask;
  private final long looseMask;
  private long hash;

  /**
   * Bounds of a chunk's length.
   *
   * @param minimumBytes no chunk but a stream's last is shorter
   * @param averageBytes a power of two
   * @param maximumBytes no chunk is longer
   */
  public record Sizes(int minimumBytes, int averageBytes, int maximumBytes) {
    /** Checks that the sizes are in order. */
    public Sizes {
      if (minimumBytes <= 0
          || averageBytes <= minimumBytes
          || maximumBytes <= averageBytes
          || Integer.bitCount(averageBytes) != 1) {
        throw new IllegalArgumentException(
            "Chunk sizes are not in order: "
                + minimumBytes
                + ", "
                + averageBytes
                + ", "
                + maximumBytes);
      }
    }
  }

  /** A cutter for one stream. */
  public FastCdcCutter(GearTable table, Sizes sizes) {
    this.gear = table.words();
    this.sizes = sizes;
    int bits = Integer.numberOfTrailingZeros(sizes.averageBytes());
    this.strictMask = highBits(bits + 2);
    this.looseMask = highBits(bits - 2);
  }

  private static long highBits(int count) {
    return -1L << (Long.SIZE - count);
  }

  @Override
  public int maximumBytes() {
    return sizes.maximumBytes();
  }

  @Override
  public int cut(byte[] open, int seenBytes, int filledBytes) {
    if (seenBytes <= sizes.minimumBytes()) {
      hash = 0;
    }
    int from = Math.max(seenBytes, sizes.minimumBytes());
    int cut = scan(open, from, Math.min(filledBytes, sizes.averageBytes()), strictMask);
    if (cut == NO_CUT) {
      cut = scan(open, Math.max(from, sizes.averageBytes()), filledBytes, looseMask);
    }
    return cut == NO_CUT && filledBytes >= sizes.maximumBytes() ? sizes.maximumBytes() : cut;
  }

  private int scan(byte[] open, int from, int to, long mask) {
    long h = hash;
    for (int i = from; i < to; i++) {
      h = (h << 1) + gear[open[i] & 0xff];
      if ((h & mask) == 0) {
        return i + 1;
      }
    }
    hash = h;
    return NO_CUT;
  }
}
