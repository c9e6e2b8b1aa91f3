package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The bytes of a segment as they come, in blocks that can be stored as one piece each. */
final class PushedBytes {
  /** The JDK copies what it reads through a direct buffer of the same size. */
  private static final int SLICE_BYTES = 256 * 1024;

  private final ReadableByteChannel from;
  private final int totalBytes;
  private final byte[] block;
  private final Digest digest = new Digest();
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
      digest.add(block, done, read);
      done += read;
    }
    taken += done;
    return block;
  }

  /** Of all that was taken, in hexadecimal; for once, at the end. */
  String digest() {
    return digest.value();
  }

  /** SHA-256. */
  static final class Digest {
    private final MessageDigest digest;

    Digest() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new PermanentException(
            ErrorCode.INTERNAL, "This JVM has no SHA-256", "Take a complete JDK.", e);
      }
    }

    void add(byte[] bytes, int from, int length) {
      digest.update(bytes, from, length);
    }

    /** Of all that was added, in hexadecimal; for once. */
    String value() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
