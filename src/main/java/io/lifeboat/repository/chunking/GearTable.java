package io.lifeboat.repository.chunking;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The 256 random words of a Gear hash, derived from a domain's chunker secret, so that boundaries
 * differ from domain to domain: {@code table[i] = bytes 8i..8i+7, big endian, of
 * AES-256-CTR(secret, zero counter block) over 2048 zero bytes}.
 */
public final class GearTable {
  private static final int WORDS = 256;

  private final long[] words = new long[WORDS];

  /** The table of a 32-byte secret. */
  public GearTable(byte[] secret) {
    AlgorithmParameterSpec zeroCounter = new IvParameterSpec(new byte[16]);
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(secret, "AES"), zeroCounter);
      ByteBuffer.wrap(cipher.doFinal(new byte[WORDS * Long.BYTES])).asLongBuffer().get(words);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has AES in counter mode", e);
    }
  }

  /** The words; not to be changed. */
  long[] words() {
    return words;
  }
}
