package io.lifeboat.repository;

import java.nio.ByteBuffer;
import java.util.Optional;

/** One pass over a file's contents. Not thread-safe. */
public interface ContentReader {
  /** The next piece, or empty at the end. */
  Optional<Piece> next();

  /** A piece of a file. */
  sealed interface Piece {
    /**
     * Bytes, which nobody changes any more; the buffer belongs to the caller.
     *
     * @param atHand whether they are those that the caller had, and nothing was read for them
     */
    record Data(ByteBuffer bytes, boolean atHand) implements Piece {
      /** Bytes that were read. */
      public Data(ByteBuffer bytes) {
        this(bytes, false);
      }
    }

    /** A run of zeros that was not stored. */
    record Hole(long lengthBytes) implements Piece {}
  }
}
