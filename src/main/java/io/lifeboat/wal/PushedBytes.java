package io.lifeboat.wal;

import io.lifeboat.repository.ContentHash;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.HexFormat;

/** The bytes of a segment as they come, in blocks that can be stored as one piece each. */
final class PushedBytes {
  /** The JDK copies what it reads through a direct buffer of the same size. */
  private static final int SLICE_BYTES = 256 * 1024;

  private final ReadableByteChannel from;
  private final int totalBytes;
  private final byte[] block;
  private final ContentHash hash = new ContentHash();
  private int taken;

  /**
   * Bytes that come.
   *
   * @param blockBytes a divisor of {@code totalBytes}
   */
  PushedBytes(ReadableByteChannel from, int totalBytes, int blockBytes) {
    this.from = from;
    this.totalBytes = totalBytes;
    this.block = new byte[blockBytes];
  }

  /** Whether there is more. */
  boolean hasNext() {
    return taken < totalBytes;
  }

  /**
   * The next block; the array is used again for the one after it.
   *
   * @throws EOFException if it is cut short
   */
  byte[] next() throws IOException {
    int done = 0;
    while (done < block.length) {
      int slice = Math.min(SLICE_BYTES, block.length - done);
      int read = from.read(ByteBuffer.wrap(block, done, slice));
      if (read < 0) {
        throw new EOFException("it ended after " + (taken + done) + " of " + totalBytes + " bytes");
      }
      hash.bytes(ByteBuffer.wrap(block, done, read));
      done += read;
    }
    taken += done;
    return block;
  }

  /** SHA-256 of all that was taken, in hexadecimal; for once, at the end. */
  String digest() {
    return HexFormat.of().formatHex(hash.done());
  }
}
