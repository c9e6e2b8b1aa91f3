package io.lifeboat.repository;

import io.lifeboat.repository.chunking.FastCdcCutter;

/** How long chunks are. Readers need only {@link #MAXIMUM_BYTES}; the rest is a writer's choice. */
final class ChunkLimits {
  /** No chunk's plain bytes are longer: bounds what a reader allocates. */
  static final int MAXIMUM_BYTES = 16 << 20;

  /** Content-defined chunks of artifacts: docs/adr/0017. */
  static final FastCdcCutter.Sizes ARTIFACTS =
      new FastCdcCutter.Sizes(128 << 10, 512 << 10, 2 << 20);

  /**
   * Content-defined chunks of directory listings: small, as one changed entry stores its chunk
   * anew.
   */
  static final FastCdcCutter.Sizes LISTINGS =
      new FastCdcCutter.Sizes(16 << 10, 64 << 10, 256 << 10);

  /** Page-structured files: 32 pages of PostgreSQL. */
  static final int PAGES_BYTES = 256 << 10;

  /** Files up to this length share chunks with their neighbours. */
  static final int SHARED_UP_TO_BYTES = 512 << 10;

  private ChunkLimits() {}
}
