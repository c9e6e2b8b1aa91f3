package io.lifeboat.repository;

/** A stretch of a file's contents. */
public sealed interface Extent {
  /** How many bytes of the file it covers; positive. */
  long lengthBytes();

  /**
   * A part of a chunk.
   *
   * @param offsetBytes where it starts in the chunk's plain bytes
   */
  record Data(ChunkId chunk, int offsetBytes, long lengthBytes) implements Extent {}

  /** A run of zeros that takes no space. */
  record Hole(long lengthBytes) implements Extent {}
}
