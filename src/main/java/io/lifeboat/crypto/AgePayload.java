package io.lifeboat.crypto;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The payload of an age file, https://c2sp.org/age: the STREAM construction over ChaCha20-Poly1305.
 *
 * <pre>
 * payload = nonce(16) || chunk 0 || chunk 1 || …
 * chunk i = ChaCha20-Poly1305(payload key, nonce = i(11, big-endian) || last(1))   of 64 KiB, the last one shorter or equal
 * </pre>
 */
final class AgePayload {
  static final int NONCE_BYTES = 16;

  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int SEALED_CHUNK_BYTES = CHUNK_BYTES + ChaCha20Poly1305.TAG_BYTES;
  private static final int KEY_BYTES = 32;
  private static final byte[] INFO = "payload".getBytes(StandardCharsets.US_ASCII);

  private AgePayload() {}

  static byte[] seal(byte[] fileKey, byte[] nonce, byte[] plaintext) {
    byte[] key = Hkdf.SHA256.derive(fileKey, nonce, INFO, KEY_BYTES);
    ByteArrayOutputStream payload = new ByteArrayOutputStream(plaintext.length + 64);
    payload.writeBytes(nonce);
    int at = 0;
    for (long chunk = 0; ; chunk++) {
      int size = Math.min(CHUNK_BYTES, plaintext.length - at);
      boolean last = at + size == plaintext.length;
      payload.writeBytes(ChaCha20Poly1305.seal(key, chunkNonce(chunk, last), plaintext, at, size));
      at += size;
      if (last) {
        return payload.toByteArray();
      }
    }
  }

  static byte[] open(byte[] fileKey, byte[] file, int offset) {
    if (file.length - offset < NONCE_BYTES + ChaCha20Poly1305.TAG_BYTES) {
      throw AgeFiles.malformed("its payload is cut short");
    }
    int at = offset + NONCE_BYTES;
    byte[] key = Hkdf.SHA256.derive(fileKey, Arrays.copyOfRange(file, offset, at), INFO, KEY_BYTES);
    ByteArrayOutputStream plaintext = new ByteArrayOutputStream(file.length - at);
    for (long chunk = 0; at < file.length; chunk++) {
      int size = Math.min(SEALED_CHUNK_BYTES, file.length - at);
      boolean last = at + size == file.length;
      Optional<byte[]> opened = ChaCha20Poly1305.open(key, chunkNonce(chunk, last), file, at, size);
      if (opened.isEmpty()) {
        throw AgeFiles.malformed("its payload was changed or cut short in chunk " + chunk);
      }
      if (chunk > 0 && opened.get().length == 0) {
        throw AgeFiles.malformed("its payload ends in an empty chunk");
      }
      plaintext.writeBytes(opened.get());
      at += size;
    }
    return plaintext.toByteArray();
  }

  private static byte[] chunkNonce(long chunk, boolean last) {
    byte[] nonce = new byte[ChaCha20Poly1305.NONCE_BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[nonce.length - 2 - i] = (byte) (chunk >>> (8 * i));
    }
    nonce[nonce.length - 1] = (byte) (last ? 1 : 0);
    return nonce;
  }
}
