package io.lifeboat.repository;

import java.util.List;

/** The contents of a file or the listing of a directory, in order. */
public sealed interface Content {
  /** The sum of the extents' lengths, told apart so that a reader need not walk them. */
  long sizeBytes();

  /** How many extents there are; of a list that is stored apart, about how many. */
  long aboutExtents();

  /** The extents themselves. */
  record Inline(long sizeBytes, List<Extent> extents) implements Content {
    /** Copies the list. */
    public Inline {
      extents = List.copyOf(extents);
    }

    @Override
    public long aboutExtents() {
      return extents.size();
    }
  }

  /**
   * The extents of a very long file: their encoding is itself stored as chunks.
   *
   * @param extentList where the encoded list is kept
   */
  record Indirect(long sizeBytes, Inline extentList) implements Content {
    /** Kind and chunk id have 33 bytes, offset and length one to four each. */
    private static final int ABOUT_EXTENT_BYTES = 38;

    @Override
    public long aboutExtents() {
      return extentList.sizeBytes() / ABOUT_EXTENT_BYTES;
    }
  }
}
