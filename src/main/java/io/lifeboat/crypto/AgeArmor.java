package io.lifeboat.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The textual form of an age file (https://c2sp.org/age, "ASCII armor"): strict PEM (RFC 7468) with
 * lines of 64 columns, so that it can be printed and sent by mail.
 */
final class AgeArmor {
  private static final String BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
  private static final String END = "-----END AGE ENCRYPTED FILE-----";
  private static final byte[] BINARY =
      "age-encryption.org/v1\n".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern LINES = Pattern.compile("([^\\n]{64}\\n)*([^\\n]{1,64}\\n)?");
  private static final int COLUMNS = 64;

  private AgeArmor() {}

  /** Whether this begins like an age file, in either form. */
  static boolean isAgeFile(byte[] bytes) {
    return startsWith(bytes, BINARY)
        || new String(bytes, 0, Math.min(bytes.length, 256), StandardCharsets.ISO_8859_1)
            .stripLeading()
            .startsWith(BEGIN);
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return bytes.length >= start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  static String encode(byte[] file) {
    String body = Base64.getMimeEncoder(COLUMNS, new byte[] {'\n'}).encodeToString(file);
    return BEGIN + "\n" + body + "\n" + END + "\n";
  }

  /**
   * The binary form of an age file in either form.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_DAMAGED}
   */
  static byte[] binary(byte[] bytes) {
    if (startsWith(bytes, BINARY)) {
      return bytes;
    }
    String text =
        new String(bytes, StandardCharsets.ISO_8859_1).replace("\r\n", "\n").strip() + "\n";
    if (!text.startsWith(BEGIN + "\n") || !text.endsWith("\n" + END + "\n")) {
      throw AgeFiles.malformed("its armor does not begin and end as it must");
    }
    String body = text.substring(BEGIN.length() + 1, text.length() - END.length() - 1);
    byte[] file;
    try {
      file = Base64.getDecoder().decode(body.replace("\n", ""));
    } catch (IllegalArgumentException e) {
      throw AgeFiles.malformed("its armor is not Base64", e);
    }
    if (!LINES.matcher(body).matches()
        || !Base64.getEncoder().encodeToString(file).equals(body.replace("\n", ""))) {
      throw AgeFiles.malformed("its armor is not the one form of its bytes");
    }
    return file;
  }
}
