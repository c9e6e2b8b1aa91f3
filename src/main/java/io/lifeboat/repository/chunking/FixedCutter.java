package io.lifeboat.repository.chunking;

/** Cuts at multiples of one size: for page-structured files, which change in place. */
public final class FixedCutter implements Cutter {
  private final int sizeBytes;

  /** Chunks of this size. */
  public FixedCutter(int sizeBytes) {
    if (sizeBytes <= 0) {
      throw new IllegalArgumentException("Chunk size is not positive: " + sizeBytes);
    }
    this.sizeBytes = sizeBytes;
  }

  @Override
  public int maximumBytes() {
    return sizeBytes;
  }

  @Override
  public int cut(byte[] open, int seenBytes, int filledBytes) {
    return filledBytes >= sizeBytes ? sizeBytes : NO_CUT;
  }
}
