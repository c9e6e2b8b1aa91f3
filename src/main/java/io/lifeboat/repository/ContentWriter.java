package io.lifeboat.repository;

import java.util.concurrent.CompletableFuture;

/**
 * Takes one file's contents in order. Only one writer of a snapshot is open at a time; not
 * thread-safe. Waits while too much is in flight.
 */
public interface ContentWriter {
  /** The next bytes; the array is not kept. */
  void write(byte[] bytes, int offset, int lengthBytes);

  /** A run of zeros that takes no space. */
  void hole(long lengthBytes);

  /**
   * No more bytes follow. The answer is there once the last chunk is in a pack, which may be after
   * later files.
   */
  CompletableFuture<StoredContent> finish();
}
