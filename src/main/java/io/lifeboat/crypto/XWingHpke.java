package io.lifeboat.crypto;

import io.lifeboat.error.PermanentException;
import java.security.SecureRandom;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;

/**
 * Single-shot HPKE (RFC 9180, base mode) with X-Wing (KEM 0x647A), HKDF-SHA-256 and
 * ChaCha20-Poly1305, as the {@code mlkem768x25519} stanza of age uses it.
 */
final class XWingHpke {
  /** The size of an encapsulated key. */
  static final int ENCAPSULATION_BYTES = 1120;

  /** What drives one encapsulation: 32 bytes for ML-KEM, 32 for the ephemeral X25519 key. */
  private static final int ENCAPSULATION_SEED_BYTES = 64;

  private static final byte[] EMPTY = {};

  private XWingHpke() {}

  /** An encapsulated key and what it encrypts. */
  record Sealed(byte[] encapsulation, byte[] ciphertext) {}

  static Sealed seal(SecureRandom random, XWingRecipient recipient, byte[] info, byte[] plaintext) {
    byte[] seed = new byte[ENCAPSULATION_SEED_BYTES];
    random.nextBytes(seed);
    try {
      HPKEContextWithEncapsulation context = suite().setupBaseS(recipient.parameters(), info, seed);
      return new Sealed(context.getEncapsulation(), context.seal(EMPTY, plaintext));
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("HPKE failed to seal", e);
    }
  }

  /**
   * The plaintext; empty if it was not sealed to this identity, or was changed since.
   *
   * @throws PermanentException if the encapsulated key holds a point of low order, which no honest
   *     sender makes
   */
  static Optional<byte[]> open(XWingIdentity identity, byte[] info, Sealed sealed) {
    HPKEContext context;
    try {
      context = suite().setupBaseR(sealed.encapsulation(), identity.keyPair(), info);
    } catch (IllegalStateException e) {
      // This is how Bouncy Castle reports the point of low order.
      throw AgeFiles.malformed("its mlkem768x25519 stanza holds a point of low order", e);
    }
    try {
      return Optional.of(context.open(EMPTY, sealed.ciphertext()));
    } catch (InvalidCipherTextException e) {
      return Optional.empty();
    }
  }

  private static HPKE suite() {
    return new HPKE(
        HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
  }
}
