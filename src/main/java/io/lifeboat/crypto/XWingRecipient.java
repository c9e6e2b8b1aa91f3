package io.lifeboat.crypto;

import java.util.Arrays;
import org.bouncycastle.pqc.crypto.xwing.XWingPublicKeyParameters;

/**
 * A post-quantum recipient: the public key of X-Wing (ML-KEM-768 and X25519 in one), in age's text
 * {@code age1pq1…}. Immutable.
 *
 * @param publicKey the {@value #PUBLIC_KEY_BYTES} bytes of the key; copied on the way in and out
 */
public record XWingRecipient(byte[] publicKey) implements Recipient {
  /** The size of a public key. */
  public static final int PUBLIC_KEY_BYTES = 1216;

  private static final String PREFIX = "age1pq";

  /** Checks the size. */
  public XWingRecipient {
    if (publicKey.length != PUBLIC_KEY_BYTES) {
      throw new IllegalArgumentException(
          "an X-Wing public key has " + PUBLIC_KEY_BYTES + " bytes, not " + publicKey.length);
    }
    publicKey = publicKey.clone();
  }

  /**
   * Reads {@code age1pq1…}.
   *
   * @throws IllegalArgumentException with the reason, if the text is not exactly one such recipient
   */
  public static XWingRecipient parse(String text) {
    return new XWingRecipient(Bech32.decode(PREFIX, text, PUBLIC_KEY_BYTES));
  }

  @Override
  public byte[] publicKey() {
    return publicKey.clone();
  }

  @Override
  public String text() {
    return Bech32.encode(PREFIX, publicKey);
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of(publicKey);
  }

  XWingPublicKeyParameters parameters() {
    return new XWingPublicKeyParameters(publicKey);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof XWingRecipient that && Arrays.equals(publicKey, that.publicKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(publicKey);
  }

  @Override
  public String toString() {
    return "XWingRecipient[" + fingerprint() + "]";
  }
}
