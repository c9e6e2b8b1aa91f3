package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts and decrypts ordinary age v1 files (https://c2sp.org/age), binary, held in memory: the
 * envelopes of session keys. {@code age -d -i recovery-kit.txt} of version 1.3 or later opens them
 * too. Immutable and safe for use by many threads.
 *
 * <p>An age file says nothing about who wrote it: anybody who knows the recipients can make one.
 */
public final class AgeFiles {
  private static final byte[] HEADER_INFO = "header".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_SALT = {};
  private static final int MAC_KEY_BYTES = 32;

  private final SecureRandom random;

  /** Encrypts with keys and nonces drawn from {@code random}. */
  public AgeFiles(SecureRandom random) {
    this.random = random;
  }

  /**
   * Encrypts {@code plaintext} so that each recipient can read it alone.
   *
   * @throws IllegalArgumentException if there is no recipient, or if post-quantum and classical
   *     ones are mixed: the file would be only as strong as the weakest
   */
  public byte[] encrypt(List<? extends Recipient> recipients, byte[] plaintext) {
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("an age file needs a recipient");
    }
    long postQuantum = recipients.stream().filter(XWingRecipient.class::isInstance).count();
    if (postQuantum != 0 && postQuantum != recipients.size()) {
      throw new IllegalArgumentException(
          "post-quantum and classical recipients must not share a file");
    }
    byte[] fileKey = random(random, AgeStanza.FILE_KEY_BYTES);
    List<AgeStanza> stanzas =
        recipients.stream().map(recipient -> AgeStanza.wrap(random, recipient, fileKey)).toList();
    return seal(random, fileKey, stanzas, plaintext);
  }

  /** A whole file whose stanzas wrap {@code fileKey}. */
  static byte[] seal(
      SecureRandom random, byte[] fileKey, List<AgeStanza> stanzas, byte[] plaintext) {
    byte[] authenticated = AgeHeader.authenticated(stanzas);
    byte[] nonce = random(random, AgePayload.NONCE_BYTES);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(AgeHeader.format(authenticated, mac(fileKey, authenticated)));
    file.writeBytes(AgePayload.seal(fileKey, nonce, plaintext));
    return file.toByteArray();
  }

  /**
   * Decrypts {@code file} with the first of {@code identities} that fits.
   *
   * @throws PermanentException with {@link ErrorCode#KEY_MISMATCH} if none fits, with {@link
   *     ErrorCode#OBJECT_DAMAGED} if the file is no age file or any byte of it was changed, added
   *     or removed
   */
  public byte[] decrypt(List<? extends Identity> identities, byte[] file) {
    AgeHeader header = AgeHeader.parse(file);
    return open(fileKey(identities, header), header, file);
  }

  /** What a file holds whose file key is known. */
  static byte[] open(byte[] fileKey, AgeHeader header, byte[] file) {
    if (!MessageDigest.isEqual(mac(fileKey, header.authenticated()), header.mac())) {
      throw malformed("its header was changed");
    }
    return AgePayload.open(fileKey, file, header.sizeBytes());
  }

  private static byte[] fileKey(List<? extends Identity> identities, AgeHeader header) {
    for (Identity identity : identities) {
      for (AgeStanza stanza : header.stanzas()) {
        Optional<byte[]> fileKey = stanza.unwrap(identity);
        if (fileKey.isPresent()) {
          return fileKey.get();
        }
      }
    }
    String tried =
        identities.stream()
            .map(identity -> identity.recipient().fingerprint())
            .collect(Collectors.joining(", "));
    throw new PermanentException(
        ErrorCode.KEY_MISMATCH,
        "An encrypted envelope is for other identities than those given ("
            + (tried.isEmpty() ? "none" : tried)
            + ")",
        "Use the recovery kit of this repository; the fingerprints of its recipients are in the"
            + " object named format.");
  }

  private static byte[] mac(byte[] fileKey, byte[] authenticated) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec(
              Hkdf.SHA256.derive(fileKey, NO_SALT, HEADER_INFO, MAC_KEY_BYTES), "HmacSHA256"));
      return mac.doFinal(authenticated);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must provide HmacSHA256", e);
    }
  }

  private static byte[] random(SecureRandom random, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    random.nextBytes(bytes);
    return bytes;
  }

  static PermanentException malformed(String reason) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED, "An age file is damaged: " + reason, DAMAGED_HINT);
  }

  static PermanentException malformed(String reason, Throwable cause) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED, "An age file is damaged: " + reason, DAMAGED_HINT, cause);
  }

  private static final String DAMAGED_HINT =
      "Treat the object as damaged and use another copy of it; every pack of a session repeats the"
          + " session's envelopes.";
}
