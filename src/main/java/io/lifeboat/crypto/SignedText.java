package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Documents of two lines, one for the text and one for its signature: log entries, the repository's
 * format, evidence.
 *
 * <pre>
 * document  = payload LF "ed25519 " key-id(16 hex) " " signature(128 hex) LF        UTF-8, lower-case hex
 * signature = Ed25519("lifeboat " || purpose || " v1" LF payload)
 * </pre>
 *
 * There is exactly one such document for a payload, a purpose and a key, so no byte of it can
 * change unnoticed. The purpose is not part of the document: a reader states what it expects, and a
 * signature made for anything else does not count.
 */
public final class SignedText {
  /** The largest payload, in bytes of UTF-8. */
  public static final int MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

  private static final String ALGORITHM = "ed25519 ";
  private static final int KEY_ID_DIGITS = 16;
  private static final int SIGNATURE_LINE_BYTES =
      ALGORITHM.length() + KEY_ID_DIGITS + 1 + 2 * SigningKey.SIGNATURE_BYTES + 1;
  private static final HexFormat HEX = HexFormat.of();
  private static final Pattern PURPOSE = Pattern.compile("[a-z0-9-]{1,64}");

  private SignedText() {}

  /**
   * Signs.
   *
   * @param purpose what the document is, such as {@code log-entry}: lower-case letters, digits,
   *     hyphens
   * @param payload one line of text: not empty, no line feed, at most {@value #MAX_PAYLOAD_BYTES}
   *     bytes
   * @return the bytes of the document
   */
  public static byte[] sign(String purpose, String payload, SigningKey key) {
    byte[] payloadBytes = payload.getBytes(StandardCharsets.UTF_8);
    if (payloadBytes.length == 0 || payloadBytes.length > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "a payload of " + payloadBytes.length + " bytes is out of range");
    }
    if (payload.indexOf('\n') >= 0
        || !new String(payloadBytes, StandardCharsets.UTF_8).equals(payload)) {
      throw new IllegalArgumentException("a payload is one line of well-formed text");
    }
    byte[] signature = key.sign(signedMessage(purpose, payloadBytes));
    String line = "\n" + ALGORITHM + key.verifyKey().id() + " " + HEX.formatHex(signature) + "\n";
    byte[] lineBytes = line.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(payloadBytes.length + lineBytes.length)
        .put(payloadBytes)
        .put(lineBytes)
        .array();
  }

  /**
   * Reads a document; nothing is verified yet.
   *
   * @throws PermanentException with {@link ErrorCode#OBJECT_DAMAGED} if the bytes are not exactly
   *     such a document
   */
  public static Parsed parse(byte[] document) {
    int payloadBytes = document.length - 1 - SIGNATURE_LINE_BYTES;
    if (payloadBytes < 1 || payloadBytes > MAX_PAYLOAD_BYTES) {
      throw damaged("its size is " + document.length + " bytes");
    }
    String payload;
    try {
      payload =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(document, 0, payloadBytes))
              .toString();
    } catch (CharacterCodingException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "A signed document is damaged: its text is not UTF-8",
          DAMAGED_HINT,
          e);
    }
    if (payload.indexOf('\n') >= 0) {
      throw damaged("it has more than two lines");
    }
    String line =
        new String(
            document, payloadBytes, document.length - payloadBytes, StandardCharsets.ISO_8859_1);
    int keyIdAt = 1 + ALGORITHM.length();
    int signatureAt = keyIdAt + KEY_ID_DIGITS + 1;
    int end = line.length() - 1;
    boolean framed =
        line.startsWith("\n" + ALGORITHM)
            && line.charAt(signatureAt - 1) == ' '
            && line.charAt(end) == '\n';
    String keyId = line.substring(keyIdAt, keyIdAt + KEY_ID_DIGITS);
    String signature = line.substring(signatureAt, end);
    if (!framed || !isLowerCaseHex(keyId) || !isLowerCaseHex(signature)) {
      throw damaged("its second line is no signature");
    }
    return new Parsed(payload, keyId, signature);
  }

  /**
   * A document that was read.
   *
   * @param payload its text
   * @param keyId the {@link VerifyKey#id()} that its signature names
   * @param signatureHex its signature, 128 hexadecimal digits
   */
  public record Parsed(String payload, String keyId, String signatureHex) {
    /** Whether {@code key} signed this text for this purpose. */
    public boolean verify(String purpose, VerifyKey key) {
      return keyId.equals(key.id())
          && key.verify(
              signedMessage(purpose, payload.getBytes(StandardCharsets.UTF_8)),
              HEX.parseHex(signatureHex));
    }
  }

  private static byte[] signedMessage(String purpose, byte[] payload) {
    if (!PURPOSE.matcher(purpose).matches()) {
      throw new IllegalArgumentException("\"" + purpose + "\" cannot name a purpose");
    }
    byte[] start = ("lifeboat " + purpose + " v1\n").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(start.length + payload.length).put(start).put(payload).array();
  }

  private static boolean isLowerCaseHex(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  private static PermanentException damaged(String reason) {
    return new PermanentException(
        ErrorCode.OBJECT_DAMAGED, "A signed document is damaged: " + reason, DAMAGED_HINT);
  }

  private static final String DAMAGED_HINT =
      "Treat the object as damaged; do not act on what it says.";
}
