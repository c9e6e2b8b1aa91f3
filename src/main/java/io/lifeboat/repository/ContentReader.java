package io.lifeboat.repository;

import java.util.Optional;

/** One pass over a file's contents. Not thread-safe. */
public interface ContentReader {
  /** The next piece, or empty at the end. */
  Optional<Piece> next();

  /** A piece of a file. */
  sealed interface Piece {
    /** Bytes; the buffer belongs to the caller until the next call. */
    record Data(java.nio.ByteBuffer bytes) implements Piece {}

    /** A run of zeros that was not stored. */
    record Hole(long lengthBytes) implements Piece {}
  }
}
