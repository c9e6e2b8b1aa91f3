package io.lifeboat.files;

import java.util.Arrays;

/**
 * Cuts runs of zeros out of what passes.
 *
 * <p>Java cannot ask where a file's holes are. Every aligned 64 KiB of nothing but zeros counts as
 * one, whether or not the file system stores it: the contents are the same, and a restored file
 * takes no more space than the original. Looking costs next to nothing, because other blocks give
 * themselves away in their first bytes.
 */
final class SparseSink {
  /** The grid of holes; blocks handed in start on it. */
  static final int HOLE_BYTES = 64 * 1024;

  private static final byte[] ZEROS = new byte[HOLE_BYTES];

  private final ContentSink sink;
  private long pendingHoleBytes;

  SparseSink(ContentSink sink) {
    this.sink = sink;
  }

  /** The next block; all but a file's last one have a multiple of {@link #HOLE_BYTES} bytes. */
  void write(byte[] block, int lengthBytes) {
    int from = 0;
    for (int at = 0; at + HOLE_BYTES <= lengthBytes; at += HOLE_BYTES) {
      if (Arrays.equals(block, at, at + HOLE_BYTES, ZEROS, 0, HOLE_BYTES)) {
        pass(block, from, at);
        pendingHoleBytes += HOLE_BYTES;
        from = at + HOLE_BYTES;
      }
    }
    pass(block, from, lengthBytes);
  }

  /** The contents are complete. */
  void end() {
    if (pendingHoleBytes > 0) {
      sink.hole(pendingHoleBytes);
      pendingHoleBytes = 0;
    }
  }

  private void pass(byte[] block, int from, int to) {
    if (to > from) {
      end();
      sink.write(block, from, to - from);
    }
  }
}
