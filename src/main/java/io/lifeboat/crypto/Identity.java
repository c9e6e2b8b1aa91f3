package io.lifeboat.crypto;

/** A secret that opens the age files encrypted to its recipient. */
public sealed interface Identity permits XWingIdentity, X25519Identity {
  /** The public half. */
  Recipient recipient();

  /** The {@code AGE-SECRET-KEY-…} text of this identity: secret, for key files only. */
  String secretText();
}
