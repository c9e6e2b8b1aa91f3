package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals messages with C2SP <em>chunked encryption</em> (https://c2sp.org/chunked-encryption) in the
 * instantiation that the specification names Cobblestone-256: HKDF-Expand with SHA-512, and
 * AES-256-GCM.
 *
 * <pre>
 * sealed     = salt(24) || commitment(32) || segment 0 || segment 1 || … || last segment
 * key(32) || base nonce(12) || commitment(32)
 *            = HKDF-Expand(input key, "c2sp.org/chunked-encryption@v1+" || "AEAD_AES_256_GCM" || 0x00 || salt || context)
 * segment i  = AES-256-GCM(key, nonce = base nonce XOR i as a 96-bit big-endian number, no associated data), tag(16) last
 * </pre>
 *
 * Every segment carries 16 KiB of plaintext but the last, which is always shorter and may be empty:
 * that marks the end. Whoever opens a message learns that it was sealed whole, under this key and
 * for this context, by somebody who holds the key; not by whom, and not that it is the newest. The
 * length of the plaintext is visible.
 *
 * <p>Small segments are also what makes this fast on the JDK: its AES-GCM runs compiled code only
 * for calls that repeat.
 *
 * <p>Immutable and safe for use by many threads; nothing is shared between calls but the source of
 * randomness.
 */
public final class MessageSealer {
  /** The size of an input key. */
  public static final int KEY_BYTES = 32;

  private static final String INFO_PREFIX = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
  private static final int SALT_BYTES = 24;
  private static final int NONCE_BYTES = 12;
  private static final int COMMITMENT_BYTES = 32;
  private static final int HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;
  private static final int SEGMENT_BYTES = 16 * 1024;
  private static final int TAG_BYTES = 16;
  private static final int SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;

  private final SecureRandom random;

  /** A sealer that draws the salt of each message from {@code random}. */
  public MessageSealer(SecureRandom random) {
    this.random = random;
  }

  /** The size of a sealed message whose plaintext has {@code plainSize} bytes. */
  public static long sealedSize(long plainSize) {
    if (plainSize < 0) {
      throw new IllegalArgumentException("a plaintext cannot have " + plainSize + " bytes");
    }
    long segments = plainSize / SEGMENT_BYTES + 1;
    return Math.addExact(
        plainSize, Math.addExact(HEADER_BYTES, Math.multiplyExact(segments, TAG_BYTES)));
  }

  /**
   * Seals {@code length} bytes of {@code plaintext} from {@code offset}.
   *
   * @param inputKey {@value #KEY_BYTES} uniformly random bytes; may seal any number of messages
   * @param context what the message is; must be given again to open it; may be empty, is not stored
   */
  public byte[] seal(byte[] inputKey, byte[] context, byte[] plaintext, int offset, int length) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return seal(inputKey, context, salt, plaintext, offset, length);
  }

  /**
   * As {@link #seal(byte[], byte[], byte[], int, int)} with a given salt, which must never repeat
   * under one key.
   */
  static byte[] seal(
      byte[] inputKey, byte[] context, byte[] salt, byte[] plaintext, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, plaintext.length);
    long size = sealedSize(length);
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a message of " + length + " bytes is too large to be sealed in one piece");
    }
    byte[] sealed = new byte[(int) size];
    MessageKey key = MessageKey.derive(inputKey, salt, context);
    System.arraycopy(salt, 0, sealed, 0, SALT_BYTES);
    System.arraycopy(key.commitment, 0, sealed, SALT_BYTES, COMMITMENT_BYTES);
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      int to = HEADER_BYTES;
      long segments = length / SEGMENT_BYTES + 1L;
      for (long segment = 0; segment < segments; segment++) {
        int from = (int) (segment * SEGMENT_BYTES);
        cipher.init(Cipher.ENCRYPT_MODE, key.aesKey, key.nonce(segment));
        to +=
            cipher.doFinal(
                plaintext, offset + from, Math.min(SEGMENT_BYTES, length - from), sealed, to);
      }
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM failed to seal", e);
    }
  }

  /** Opens a whole array; see {@link #open(byte[], byte[], byte[], int, int)}. */
  public byte[] open(byte[] inputKey, byte[] context, byte[] sealed) {
    return open(inputKey, context, sealed, 0, sealed.length);
  }

  /**
   * Opens the sealed message that fills {@code length} bytes of {@code sealed} from {@code offset}.
   *
   * @throws PermanentException with {@link ErrorCode#OBJECT_DAMAGED} if it was not sealed with this
   *     key for this context, or if any byte was changed, added, removed or moved since; no
   *     plaintext is returned then
   */
  public byte[] open(byte[] inputKey, byte[] context, byte[] sealed, int offset, int length) {
    byte[] plaintext = new byte[openedSize(length)];
    open(inputKey, context, sealed, offset, length, plaintext);
    return plaintext;
  }

  /**
   * As {@link #open(byte[], byte[], byte[], int, int)}, into an array that the caller has, from its
   * beginning; what was there before may be overwritten even if this throws.
   *
   * @return how many bytes there are
   */
  public int open(
      byte[] inputKey, byte[] context, byte[] sealed, int offset, int length, byte[] into) {
    Objects.checkFromIndexSize(offset, length, sealed.length);
    int size = openedSize(length);
    Objects.checkFromIndexSize(0, size, into.length);
    byte[] salt = Arrays.copyOfRange(sealed, offset, offset + SALT_BYTES);
    MessageKey key = MessageKey.derive(inputKey, salt, context);
    byte[] commitment = Arrays.copyOfRange(sealed, offset + SALT_BYTES, offset + HEADER_BYTES);
    if (!MessageDigest.isEqual(key.commitment, commitment)) {
      throw damaged(
          "a sealed message belongs to another key or another place, or its first bytes were"
              + " changed");
    }
    int body = length - HEADER_BYTES;
    int segments = body / SEALED_SEGMENT_BYTES + 1;
    int segment = 0;
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      for (int to = 0; segment < segments; segment++) {
        int from = segment * SEALED_SEGMENT_BYTES;
        cipher.init(Cipher.DECRYPT_MODE, key.aesKey, key.nonce(segment));
        int sealedBytes = Math.min(SEALED_SEGMENT_BYTES, body - from);
        to += cipher.doFinal(sealed, offset + HEADER_BYTES + from, sealedBytes, into, to);
      }
      return size;
    } catch (AEADBadTagException e) {
      throw damaged("a sealed message was changed in segment " + segment + " of " + segments);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM failed to open", e);
    }
  }

  /** The size of the plaintext in a sealed message of so many bytes. */
  private static int openedSize(int length) {
    int body = length - HEADER_BYTES;
    int lastSegment = body < 0 ? -1 : body % SEALED_SEGMENT_BYTES;
    if (lastSegment < TAG_BYTES) {
      throw damaged("a sealed message of " + length + " bytes is cut short");
    }
    int segments = body / SEALED_SEGMENT_BYTES + 1;
    return body - segments * TAG_BYTES;
  }

  private static PermanentException damaged(String message) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED,
        message,
        "Check that the key belongs to this repository; then treat the object as damaged and use"
            + " another copy of it.");
  }

  /** What HKDF yields for one message. */
  private static final class MessageKey {
    private final SecretKeySpec aesKey;
    private final byte[] baseNonce;
    private final byte[] commitment;

    private MessageKey(byte[] derived) {
      this.aesKey = new SecretKeySpec(derived, 0, KEY_BYTES, "AES");
      this.baseNonce = Arrays.copyOfRange(derived, KEY_BYTES, KEY_BYTES + NONCE_BYTES);
      this.commitment = Arrays.copyOfRange(derived, KEY_BYTES + NONCE_BYTES, derived.length);
    }

    static MessageKey derive(byte[] inputKey, byte[] salt, byte[] context) {
      if (inputKey.length != KEY_BYTES) {
        throw new IllegalArgumentException(
            "an input key has " + KEY_BYTES + " bytes, not " + inputKey.length);
      }
      byte[] prefix = INFO_PREFIX.getBytes(StandardCharsets.US_ASCII);
      byte[] info = Arrays.copyOf(prefix, prefix.length + salt.length + context.length);
      System.arraycopy(salt, 0, info, prefix.length, salt.length);
      System.arraycopy(context, 0, info, prefix.length + salt.length, context.length);
      byte[] derived =
          Hkdf.SHA512.expand(inputKey, info, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES);
      MessageKey key = new MessageKey(derived);
      Arrays.fill(derived, (byte) 0);
      return key;
    }

    GCMParameterSpec nonce(long segment) {
      byte[] nonce = baseNonce.clone();
      for (int i = 0; i < Long.BYTES; i++) {
        nonce[NONCE_BYTES - 1 - i] ^= (byte) (segment >>> (8 * i));
      }
      return new GCMParameterSpec(8 * TAG_BYTES, nonce);
    }
  }
}
