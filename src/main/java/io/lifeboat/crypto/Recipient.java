package io.lifeboat.crypto;

/** The public half of an {@link Identity}: whom an age file is encrypted to. Not secret. */
public sealed interface Recipient permits XWingRecipient, X25519Recipient {
  /** The {@code age1…} text of this recipient. */
  String text();

  /**
   * The first 16 hexadecimal digits of the public key's SHA-256; names a recipient in logs and
   * object names.
   */
  String fingerprint();
}
