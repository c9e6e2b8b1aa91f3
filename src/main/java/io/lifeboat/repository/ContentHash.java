package io.lifeboat.repository;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** SHA-256 of a file's bytes, holes as zeros. Not thread-safe. */
public final class ContentHash {
  private static final byte[] ZEROS = new byte[64 << 10];

  private final MessageDigest digest = Hashes.sha256();

  void bytes(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  /** Bytes that come next; the buffer is left as it is. */
  public void bytes(ByteBuffer bytes) {
    digest.update(bytes.duplicate());
  }

  /** So many zeros. */
  public void zeros(long length) {
    for (long rest = length; rest > 0; rest -= ZEROS.length) {
      digest.update(ZEROS, 0, (int) Math.min(rest, ZEROS.length));
    }
  }

  /** The hash of all that came. */
  public byte[] done() {
    return digest.digest();
  }
}
