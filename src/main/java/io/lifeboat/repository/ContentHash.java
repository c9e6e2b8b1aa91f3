package io.lifeboat.repository;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a file's bytes, holes as zeros. Not thread-safe. */
final class ContentHash {
  private static final byte[] ZEROS = new byte[64 << 10];

  private final MessageDigest digest;

  ContentHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  void bytes(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
  }

  void zeros(long length) {
    for (long rest = length; rest > 0; rest -= ZEROS.length) {
      digest.update(ZEROS, 0, (int) Math.min(rest, ZEROS.length));
    }
  }

  byte[] done() {
    return digest.digest();
  }
}
