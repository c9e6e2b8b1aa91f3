package io.lifeboat.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Short names for public keys. */
final class Fingerprint {
  private static final int BYTES = 8;

  private Fingerprint() {}

  /** The first 16 hexadecimal digits of the SHA-256 of a public key. */
  static String of(byte[] publicKey) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(publicKey);
      return HexFormat.of().formatHex(digest, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must provide SHA-256", e);
    }
  }
}
