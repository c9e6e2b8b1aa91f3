package io.lifeboat.crypto;

import java.util.Arrays;

/**
 * A classical recipient: an X25519 public key, in age's text {@code age1…}. For exchange with tools
 * that know no other; repositories use {@link XWingRecipient}. Immutable.
 *
 * @param publicKey the {@value #PUBLIC_KEY_BYTES} bytes of the key; copied on the way in and out
 */
public record X25519Recipient(byte[] publicKey) implements Recipient {
  /** The size of a public key. */
  public static final int PUBLIC_KEY_BYTES = 32;

  private static final String PREFIX = "age";

  /** Checks the size. */
  public X25519Recipient {
    if (publicKey.length != PUBLIC_KEY_BYTES) {
      throw new IllegalArgumentException(
          "an X25519 public key has " + PUBLIC_KEY_BYTES + " bytes, not " + publicKey.length);
    }
    publicKey = publicKey.clone();
  }

  /**
   * Reads {@code age1…}.
   *
   * @throws IllegalArgumentException with the reason, if the text is not exactly one such recipient
   */
  public static X25519Recipient parse(String text) {
    return new X25519Recipient(Bech32.decode(PREFIX, text, PUBLIC_KEY_BYTES));
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

  @Override
  public boolean equals(Object other) {
    return other instanceof X25519Recipient that && Arrays.equals(publicKey, that.publicKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(publicKey);
  }

  @Override
  public String toString() {
    return "X25519Recipient[" + fingerprint() + "]";
  }
}
