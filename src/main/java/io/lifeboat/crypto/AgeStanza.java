package io.lifeboat.crypto;

import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * One recipient stanza of an age header: the file key, wrapped for one recipient. The types written
 * and understood are {@code mlkem768x25519} and {@code X25519} of https://c2sp.org/age; others are
 * carried and ignored.
 *
 * @param arguments the type, then what the type needs; at least one
 * @param body the wrapped file key
 */
record AgeStanza(List<String> arguments, byte[] body) {
  static final int FILE_KEY_BYTES = 16;

  private static final String XWING_TYPE = "mlkem768x25519";
  private static final String X25519_TYPE = "X25519";
  private static final byte[] XWING_INFO =
      "age-encryption.org/mlkem768x25519".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] X25519_INFO =
      "age-encryption.org/v1/X25519".getBytes(StandardCharsets.US_ASCII);
  private static final int WRAPPED_KEY_BYTES = FILE_KEY_BYTES + ChaCha20Poly1305.TAG_BYTES;
  private static final int WRAP_KEY_BYTES = 32;

  AgeStanza {
    arguments = List.copyOf(arguments);
  }

  static AgeStanza wrap(SecureRandom random, Recipient recipient, byte[] fileKey) {
    return switch (recipient) {
      case XWingRecipient xWing -> {
        XWingHpke.Sealed sealed = XWingHpke.seal(random, xWing, XWING_INFO, fileKey);
        yield new AgeStanza(
            List.of(XWING_TYPE, AgeBase64.encode(sealed.encapsulation())), sealed.ciphertext());
      }
      case X25519Recipient x25519 -> {
        X25519Identity ephemeral = X25519Identity.generate(random);
        byte[] share = ephemeral.recipient().publicKey();
        byte[] shared =
            ephemeral
                .agree(x25519.publicKey())
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        x25519 + " is a point of low order: nobody's key"));
        byte[] key = x25519WrapKey(shared, share, x25519);
        byte[] body =
            ChaCha20Poly1305.seal(
                key, new byte[ChaCha20Poly1305.NONCE_BYTES], fileKey, 0, fileKey.length);
        yield new AgeStanza(List.of(X25519_TYPE, AgeBase64.encode(share)), body);
      }
    };
  }

  /**
   * The file key; empty if this stanza is of another type or for somebody else.
   *
   * @throws PermanentException if the stanza is of the identity's type, and malformed
   */
  Optional<byte[]> unwrap(Identity identity) {
    return switch (identity) {
      case XWingIdentity xWing ->
          share(XWING_TYPE, XWingHpke.ENCAPSULATION_BYTES)
              .flatMap(
                  share -> XWingHpke.open(xWing, XWING_INFO, new XWingHpke.Sealed(share, body)));
      case X25519Identity x25519 ->
          share(X25519_TYPE, X25519Recipient.PUBLIC_KEY_BYTES)
              .flatMap(share -> openX25519(x25519, share));
    };
  }

  private Optional<byte[]> share(String type, int shareBytes) {
    if (!arguments.getFirst().equals(type)) {
      return Optional.empty();
    }
    if (arguments.size() != 2) {
      throw AgeFiles.malformed(
          "its " + type + " stanza has " + arguments.size() + " arguments, not 2");
    }
    byte[] share = AgeBase64.decode(arguments.get(1));
    if (share.length != shareBytes || body.length != WRAPPED_KEY_BYTES) {
      throw AgeFiles.malformed("its " + type + " stanza holds keys of a wrong size");
    }
    return Optional.of(share);
  }

  private Optional<byte[]> openX25519(X25519Identity identity, byte[] share) {
    byte[] shared =
        identity
            .agree(share)
            .orElseThrow(() -> AgeFiles.malformed("its X25519 stanza holds a point of low order"));
    byte[] key = x25519WrapKey(shared, share, identity.recipient());
    return ChaCha20Poly1305.open(key, new byte[ChaCha20Poly1305.NONCE_BYTES], body, 0, body.length);
  }

  private static byte[] x25519WrapKey(byte[] shared, byte[] share, X25519Recipient recipient) {
    byte[] salt = new byte[2 * X25519Recipient.PUBLIC_KEY_BYTES];
    System.arraycopy(share, 0, salt, 0, share.length);
    System.arraycopy(
        recipient.publicKey(), 0, salt, share.length, X25519Recipient.PUBLIC_KEY_BYTES);
    return Hkdf.SHA256.derive(shared, salt, X25519_INFO, WRAP_KEY_BYTES);
  }
}
