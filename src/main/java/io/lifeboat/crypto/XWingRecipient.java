package io.lifeboat.crypto;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;
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

  /**
   * Refuses what is no proper public key: a wrong size, coefficients out of range, a point of low
   * order.
   */
  public XWingRecipient {
    if (publicKey.length != PUBLIC_KEY_BYTES) {
      throw new IllegalArgumentException(
          "an X-Wing public key has " + PUBLIC_KEY_BYTES + " bytes, not " + publicKey.length);
    }
    publicKey = publicKey.clone();
    XWingPublicKeyParameters parsed = new XWingPublicKeyParameters(publicKey);
    if (!Arrays.equals(parsed.getEncoded(), publicKey) || isOfLowOrder(publicKey)) {
      throw new IllegalArgumentException("it is no X-Wing public key");
    }
  }

  private static boolean isOfLowOrder(byte[] publicKey) {
    // Agreement with any secret fails for exactly these points.
    byte[] anySecret = new byte[X25519.SCALAR_SIZE];
    byte[] shared = new byte[X25519.POINT_SIZE];
    return !X25519.calculateAgreement(
        anySecret, 0, publicKey, PUBLIC_KEY_BYTES - X25519.POINT_SIZE, shared, 0);
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
