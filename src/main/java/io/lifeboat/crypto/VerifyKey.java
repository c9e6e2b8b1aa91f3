package io.lifeboat.crypto;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The public half of a {@link SigningKey}. Immutable.
 *
 * @param bytes the {@value #KEY_BYTES} bytes of an Ed25519 public key; copied on the way in and out
 */
public record VerifyKey(byte[] bytes) {
  /** The size of a key. */
  public static final int KEY_BYTES = Ed25519.PUBLIC_KEY_SIZE;

  static final String PREFIX = "lifeboat-verify-";

  /**
   * Refuses what is no proper point of the curve; a key of small order would accept one signature
   * for many messages.
   */
  public VerifyKey {
    if (bytes.length != KEY_BYTES || !Ed25519.validatePublicKeyFull(bytes, 0)) {
      throw new IllegalArgumentException("it is no Ed25519 public key");
    }
    bytes = bytes.clone();
  }

  /**
   * Reads {@code lifeboat-verify-1…}.
   *
   * @throws IllegalArgumentException with the reason, if the text is not exactly one such key
   */
  public static VerifyKey parse(String text) {
    return new VerifyKey(Bech32.decode(PREFIX, text, KEY_BYTES));
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The {@code lifeboat-verify-1…} text of this key. */
  public String text() {
    return Bech32.encode(PREFIX, bytes);
  }

  /** The first 16 hexadecimal digits of the key's SHA-256. */
  public String id() {
    return Fingerprint.of(bytes);
  }

  /**
   * Whether {@code signature} is this key's over {@code message}; strict: each signature has one
   * accepted form.
   */
  public boolean verify(byte[] message, byte[] signature) {
    return signature.length == SigningKey.SIGNATURE_BYTES
        && Ed25519.verify(signature, 0, bytes, 0, message, 0, message.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifyKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "VerifyKey[" + id() + "]";
  }
}
