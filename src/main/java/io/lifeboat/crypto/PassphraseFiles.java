package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Encrypts and decrypts age v1 files under a passphrase: a single {@code scrypt} stanza of
 * https://c2sp.org/age. {@code age -d} of any version opens them. Immutable and safe for use by
 * many threads.
 *
 * <pre>
 * stanza   = "-> scrypt " base64(salt 16) " " work factor, decimal
 * wrap key = scrypt(N = 2^work factor, r = 8, p = 1, passphrase, "age-encryption.org/v1/scrypt" || salt)   32 bytes
 * </pre>
 */
public final class PassphraseFiles {
  /** The logarithm of the work that a file of ours costs whoever guesses: age's own default. */
  static final int WORK_FACTOR = 18;

  /** What age accepts at most: a stranger's file must not cost minutes and gigabytes. */
  static final int MAX_WORK_FACTOR = 22;

  private static final String TYPE = "scrypt";
  private static final byte[] LABEL =
      "age-encryption.org/v1/scrypt".getBytes(StandardCharsets.US_ASCII);
  private static final int SALT_BYTES = 16;
  private static final int BLOCK_SIZE = 8;
  private static final int KEY_BYTES = 32;

  private final SecureRandom random;
  private final int workFactor;

  /** Encrypts with keys, salts and nonces drawn from {@code random}. */
  public PassphraseFiles(SecureRandom random) {
    this(random, WORK_FACTOR);
  }

  /** With another work factor. */
  PassphraseFiles(SecureRandom random, int workFactor) {
    this.random = random;
    this.workFactor = workFactor;
  }

  /** Encrypts {@code plaintext}; binary. */
  public byte[] encrypt(String passphrase, byte[] plaintext) {
    byte[] fileKey = new byte[AgeStanza.FILE_KEY_BYTES];
    random.nextBytes(fileKey);
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] body =
        ChaCha20Poly1305.seal(
            wrapKey(passphrase, salt, workFactor),
            new byte[ChaCha20Poly1305.NONCE_BYTES],
            fileKey,
            0,
            fileKey.length);
    var stanza =
        new AgeStanza(List.of(TYPE, AgeBase64.encode(salt), Integer.toString(workFactor)), body);
    return AgeFiles.seal(random, fileKey, List.of(stanza), plaintext);
  }

  /**
   * Decrypts {@code file}.
   *
   * @throws PermanentException with {@link ErrorCode#KEY_MISMATCH} if the passphrase is another or
   *     none was used, with {@link ErrorCode#OBJECT_DAMAGED} if it is no age file, was changed, or
   *     asks for more work than {@value #MAX_WORK_FACTOR}
   */
  public static byte[] decrypt(String passphrase, byte[] file) {
    AgeHeader header = AgeHeader.parse(file);
    AgeStanza stanza = header.stanzas().getFirst();
    if (!stanza.arguments().getFirst().equals(TYPE)) {
      throw new PermanentException(
          ErrorCode.KEY_MISMATCH,
          "An age file is encrypted to " + stanza.arguments().getFirst() + ", not to a passphrase",
          "Decrypt it with age and the identity it is for.");
    }
    if (header.stanzas().size() != 1 || stanza.arguments().size() != 3) {
      throw AgeFiles.malformed("a scrypt stanza has company, or arguments of a wrong number");
    }
    byte[] salt = AgeBase64.decode(stanza.arguments().get(1));
    String work = stanza.arguments().get(2);
    boolean sized =
        salt.length == SALT_BYTES
            && stanza.body().length == AgeStanza.FILE_KEY_BYTES + ChaCha20Poly1305.TAG_BYTES;
    if (!sized || !work.matches("[1-9][0-9]{0,2}")) {
      throw AgeFiles.malformed("its scrypt stanza is not well-formed");
    }
    int factor = Integer.parseInt(work);
    if (factor > MAX_WORK_FACTOR) {
      throw AgeFiles.malformed(
          "its work factor is " + factor + ", and " + MAX_WORK_FACTOR + " is the most");
    }
    byte[] body = stanza.body();
    byte[] fileKey =
        ChaCha20Poly1305.open(
                wrapKey(passphrase, salt, factor),
                new byte[ChaCha20Poly1305.NONCE_BYTES],
                body,
                0,
                body.length)
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.KEY_MISMATCH,
                    "The passphrase does not open this file",
                    "Mind the keyboard's layout, capitals and spaces, and try again."));
    return AgeFiles.open(fileKey, header, file);
  }

  private static byte[] wrapKey(String passphrase, byte[] salt, int workFactor) {
    byte[] labeled = new byte[LABEL.length + salt.length];
    System.arraycopy(LABEL, 0, labeled, 0, LABEL.length);
    System.arraycopy(salt, 0, labeled, LABEL.length, salt.length);
    long neededBytes = (128L * BLOCK_SIZE) << workFactor;
    if (neededBytes >= Runtime.getRuntime().maxMemory()) {
      throw new PermanentException(
          ErrorCode.INTERNAL,
          "A passphrase with the work factor "
              + workFactor
              + " needs "
              + (neededBytes >> 20)
              + " MiB of memory, more than this program may use",
          "Set LIFEBOAT_JAVA_OPTS=-Xmx" + (neededBytes >> 19) + "m and try again.");
    }
    byte[] secret = passphrase.getBytes(StandardCharsets.UTF_8);
    return SCrypt.generate(secret, labeled, 1 << workFactor, BLOCK_SIZE, 1, KEY_BYTES);
  }
}
