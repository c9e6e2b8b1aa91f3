package io.lifeboat.repository;

import java.util.concurrent.CompletableFuture;

/**
 * Makes a file's contents of those of an earlier snapshot and of new bytes that lie over them, from
 * the file's beginning to its end. The earlier bytes are not read: what is kept of them are
 * extents. Beside a {@link ContentWriter}, only one is open at a time; not thread-safe.
 */
public interface ContentOverlay {
  /**
   * The next bytes are those of the earlier contents at the same place; zeros where they have
   * ended.
   */
  void keep(long lengthBytes);

  /** The next bytes are zeros, and take no space. */
  void hole(long lengthBytes);

  /** The next bytes are new; the array is not kept. */
  void write(byte[] bytes, int offset, int lengthBytes);

  /**
   * No more bytes follow.
   *
   * @return the contents, without a hash of them
   */
  CompletableFuture<StoredContent> finish();
}
