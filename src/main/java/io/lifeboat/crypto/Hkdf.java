package io.lifeboat.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * HKDF (RFC 5869) over HMAC-SHA-256 or HMAC-SHA-512. Built on {@link Mac} and not on {@code
 * javax.crypto.KDF}, because the JDK refuses to expand a key that is shorter than the hash, which
 * C2SP chunked encryption does (32 bytes under SHA-512). Immutable and safe for use by many
 * threads.
 */
public enum Hkdf {
  /** HKDF-SHA-256; 32-byte hash. */
  SHA256("HmacSHA256", 32),
  /** HKDF-SHA-512; 64-byte hash. */
  SHA512("HmacSHA512", 64);

  private final String macName;
  private final int hashBytes;

  Hkdf(String macName, int hashBytes) {
    this.macName = macName;
    this.hashBytes = hashBytes;
  }

  /**
   * HKDF-Extract: a pseudo-random key of the hash's length. An empty salt stands for zeros, as the
   * RFC says.
   */
  public byte[] extract(byte[] salt, byte[] inputKey) {
    Mac mac = mac(salt.length == 0 ? new byte[hashBytes] : salt);
    return mac.doFinal(inputKey);
  }

  /**
   * HKDF-Expand.
   *
   * @param key a uniformly random key
   * @param info what the output is for
   * @param lengthBytes 1 to 255 times the hash's length
   */
  public byte[] expand(byte[] key, byte[] info, int lengthBytes) {
    if (lengthBytes < 1 || lengthBytes > 255 * hashBytes) {
      throw new IllegalArgumentException(
          "HKDF output of " + lengthBytes + " bytes is out of range");
    }
    Mac mac = mac(key);
    byte[] blocks = new byte[Math.ceilDiv(lengthBytes, hashBytes) * hashBytes];
    try {
      for (int at = 0, counter = 1; at < lengthBytes; at += hashBytes, counter++) {
        if (at > 0) {
          mac.update(blocks, at - hashBytes, hashBytes);
        }
        mac.update(info);
        mac.update((byte) counter);
        mac.doFinal(blocks, at);
      }
    } catch (ShortBufferException e) {
      throw new IllegalStateException("a block of HKDF did not fit its own buffer", e);
    }
    if (blocks.length == lengthBytes) {
      return blocks;
    }
    byte[] output = Arrays.copyOf(blocks, lengthBytes);
    Arrays.fill(blocks, (byte) 0);
    return output;
  }

  /** HKDF-Extract, then HKDF-Expand. */
  public byte[] derive(byte[] inputKey, byte[] salt, byte[] info, int lengthBytes) {
    byte[] key = extract(salt, inputKey);
    try {
      return expand(key, info, lengthBytes);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance(macName);
      mac.init(new SecretKeySpec(key, macName));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must provide " + macName, e);
    }
  }
}
