package io.lifeboat.crypto;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A secret that signs: the 32-byte seed of an Ed25519 key pair (RFC 8032). What it signs must say
 * what it is for; {@link SignedText} takes care of that. Immutable and safe for use by many
 * threads.
 */
public final class SigningKey {
  /** The size of a signature. */
  public static final int SIGNATURE_BYTES = Ed25519.SIGNATURE_SIZE;

  private static final String PREFIX = "LIFEBOAT-SIGNING-KEY-";

  private final byte[] seed;
  private final VerifyKey verifyKey;

  private SigningKey(byte[] seed) {
    this.seed = seed;
    byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    this.verifyKey = new VerifyKey(publicKey);
  }

  /** A new key. */
  public static SigningKey generate(SecureRandom random) {
    byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  /** The key of a seed of 32 bytes. */
  static SigningKey ofSeed(byte[] seed) {
    if (seed.length != Ed25519.SECRET_KEY_SIZE) {
      throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length);
    }
    return new SigningKey(seed.clone());
  }

  /**
   * Reads {@code LIFEBOAT-SIGNING-KEY-1…}.
   *
   * @throws IllegalArgumentException with the reason and without the secret, if the text is not
   *     exactly one such key
   */
  public static SigningKey parse(String text) {
    return parse(PREFIX, text);
  }

  /**
   * Reads a key that a key file marks with the prefix of its role, so that roles cannot be
   * confused.
   */
  static SigningKey parse(String prefix, String text) {
    return new SigningKey(Bech32.decode(prefix, text, Ed25519.SECRET_KEY_SIZE));
  }

  /** The {@code LIFEBOAT-SIGNING-KEY-1…} text of this key: secret, for key files only. */
  public String secretText() {
    return secretText(PREFIX);
  }

  String secretText(String prefix) {
    return Bech32.encode(prefix, seed);
  }

  /** The public half. */
  public VerifyKey verifyKey() {
    return verifyKey;
  }

  /**
   * The signature of {@code message}: {@value #SIGNATURE_BYTES} bytes, always the same for the same
   * message.
   */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[SIGNATURE_BYTES];
    Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    return signature;
  }

  /** Two keys are equal if their public halves are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SigningKey that && verifyKey.equals(that.verifyKey);
  }

  @Override
  public int hashCode() {
    return verifyKey.hashCode();
  }

  @Override
  public String toString() {
    return "SigningKey[secret, id " + verifyKey.id() + "]";
  }
}
