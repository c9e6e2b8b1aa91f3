package io.lifeboat.repository;

import java.util.Optional;

/**
 * What whoever reads a file's contents has of them from elsewhere: an older copy of the file, say,
 * which is the same in most places. Used by one thread.
 */
public interface BytesAtHand extends AutoCloseable {
  /** Bytes of that copy; empty if it has not so many there, or they cannot be read. */
  Optional<byte[]> read(long offsetBytes, int lengthBytes);

  @Override
  void close();

  /** Nothing is at hand. */
  static BytesAtHand none() {
    return new BytesAtHand() {
      @Override
      public Optional<byte[]> read(long offsetBytes, int lengthBytes) {
        return Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
