package io.lifeboat.crypto;

import java.security.SecureRandom;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * A classical identity: an X25519 secret, in age's text {@code AGE-SECRET-KEY-1…}. Immutable and
 * safe for use by many threads.
 */
public final class X25519Identity implements Identity {
  private static final String PREFIX = "AGE-SECRET-KEY-";

  private final byte[] secret;
  private final X25519Recipient recipient;

  private X25519Identity(byte[] secret) {
    this.secret = secret;
    byte[] publicKey = new byte[X25519.POINT_SIZE];
    X25519.generatePublicKey(secret, 0, publicKey, 0);
    this.recipient = new X25519Recipient(publicKey);
  }

  /** A new identity. */
  public static X25519Identity generate(SecureRandom random) {
    byte[] secret = new byte[X25519.SCALAR_SIZE];
    random.nextBytes(secret);
    return new X25519Identity(secret);
  }

  /**
   * Reads {@code AGE-SECRET-KEY-1…}.
   *
   * @throws IllegalArgumentException with the reason and without the secret, if the text is not
   *     exactly one such identity
   */
  public static X25519Identity parse(String text) {
    return new X25519Identity(Bech32.decode(PREFIX, text, X25519.SCALAR_SIZE));
  }

  @Override
  public X25519Recipient recipient() {
    return recipient;
  }

  @Override
  public String secretText() {
    return Bech32.encode(PREFIX, secret);
  }

  /**
   * The secret shared with the holder of {@code publicKey}; empty if that point is of low order.
   */
  Optional<byte[]> agree(byte[] publicKey) {
    byte[] shared = new byte[X25519.POINT_SIZE];
    return X25519.calculateAgreement(secret, 0, publicKey, 0, shared, 0)
        ? Optional.of(shared)
        : Optional.empty();
  }

  /** Two identities are equal if their public halves are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof X25519Identity that && recipient.equals(that.recipient);
  }

  @Override
  public int hashCode() {
    return recipient.hashCode();
  }

  @Override
  public String toString() {
    return "X25519Identity[secret, recipient " + recipient.fingerprint() + "]";
  }
}
