package io.lifeboat.repository;

import java.util.List;

/** The contents of a file or the listing of a directory, in order. */
public sealed interface Content {
  /** The sum of the extents' lengths, told apart so that a reader need not walk them. */
  long sizeBytes();

  /** The extents themselves. */
  record Inline(long sizeBytes, List<Extent> extents) implements Content {
    /** Copies the list. */
    public Inline {
      extents = List.copyOf(extents);
    }
  }

  /**
   * The extents of a very long file: their encoding is itself stored as chunks.
   *
   * @param extentList where the encoded list is kept
   */
  record Indirect(long sizeBytes, Inline extentList) implements Content {}
}
