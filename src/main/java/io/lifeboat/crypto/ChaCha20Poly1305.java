package io.lifeboat.crypto;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** ChaCha20-Poly1305 (RFC 8439) without associated data, one message per call. */
final class ChaCha20Poly1305 {
  static final int TAG_BYTES = 16;
  static final int NONCE_BYTES = 12;

  private ChaCha20Poly1305() {}

  static byte[] seal(byte[] key, byte[] nonce, byte[] plaintext, int offset, int length) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plaintext, offset, length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 failed to seal", e);
    }
  }

  /** The plaintext; empty if the key is another or the bytes were changed. */
  static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] sealed, int offset, int length) {
    if (length < TAG_BYTES) {
      return Optional.empty();
    }
    try {
      return Optional.of(cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed, offset, length));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 failed to open", e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
    return cipher;
  }
}
