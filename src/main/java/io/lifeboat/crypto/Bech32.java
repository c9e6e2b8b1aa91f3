package io.lifeboat.crypto;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/**
 * Bech32 text (BIP 173) without its limit on length, as age uses it: {@code prefix || "1" || data
 * || checksum}. The checksum finds any error in up to four characters of what a person types, and
 * misses others once in 2^30.
 */
final class Bech32 {
  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int CHECKSUM_CHARACTERS = 6;
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };

  private Bech32() {}

  /** Encodes in the letter case of {@code prefix}. */
  static String encode(String prefix, byte[] data) {
    String lower = prefix.toLowerCase(Locale.ROOT);
    StringBuilder text = new StringBuilder(lower).append('1');
    int checksum = prefixChecksum(lower);
    int bits = 0;
    int pending = 0;
    for (byte value : data) {
      pending = pending << 8 | value & 0xff;
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        int digit = pending >>> bits & 31;
        text.append(ALPHABET.charAt(digit));
        checksum = step(checksum) ^ digit;
      }
    }
    if (bits > 0) {
      int digit = pending << (5 - bits) & 31;
      text.append(ALPHABET.charAt(digit));
      checksum = step(checksum) ^ digit;
    }
    for (int i = 0; i < CHECKSUM_CHARACTERS; i++) {
      checksum = step(checksum);
    }
    checksum ^= 1;
    for (int i = 0; i < CHECKSUM_CHARACTERS; i++) {
      text.append(ALPHABET.charAt(checksum >>> 5 * (CHECKSUM_CHARACTERS - 1 - i) & 31));
    }
    return prefix.equals(lower) ? text.toString() : text.toString().toUpperCase(Locale.ROOT);
  }

  /**
   * Decodes {@code text}, which must have this prefix in this letter case, and this many bytes of
   * data.
   *
   * @throws IllegalArgumentException with a sentence that tells a person what is wrong and never
   *     repeats the text
   */
  static byte[] decode(String prefix, String text, int dataBytes) {
    if (!text.startsWith(prefix + "1")) {
      throw new IllegalArgumentException("it does not begin with " + prefix + "1");
    }
    String lower = prefix.toLowerCase(Locale.ROOT);
    boolean upperCase = !prefix.equals(lower);
    int first = prefix.length() + 1;
    int expected = first + Math.ceilDiv(dataBytes * 8, 5) + CHECKSUM_CHARACTERS;
    if (text.length() != expected) {
      throw new IllegalArgumentException(
          "it has " + text.length() + " characters and must have " + expected);
    }
    int checksum = prefixChecksum(lower);
    ByteArrayOutputStream data = new ByteArrayOutputStream(dataBytes);
    int bits = 0;
    int pending = 0;
    for (int i = first; i < text.length(); i++) {
      int digit = digit(text.charAt(i), upperCase);
      if (digit < 0) {
        throw new IllegalArgumentException(
            "character " + (i + 1) + " cannot occur there (never b, i, o or 1, one letter case)");
      }
      checksum = step(checksum) ^ digit;
      if (i < text.length() - CHECKSUM_CHARACTERS) {
        pending = pending << 5 | digit;
        bits += 5;
        if (bits >= 8) {
          bits -= 8;
          data.write(pending >>> bits);
        }
      }
    }
    if (checksum != 1 || (pending & (1 << bits) - 1) != 0) {
      throw new IllegalArgumentException(
          "its checksum is wrong: at least one character was mistyped");
    }
    return data.toByteArray();
  }

  private static int digit(char character, boolean upperCase) {
    boolean wrongCase =
        upperCase ? character >= 'a' && character <= 'z' : character >= 'A' && character <= 'Z';
    boolean upper = character >= 'A' && character <= 'Z';
    return wrongCase ? -1 : ALPHABET.indexOf(upper ? character + ('a' - 'A') : character);
  }

  private static int prefixChecksum(String prefix) {
    int checksum = 1;
    for (int i = 0; i < prefix.length(); i++) {
      checksum = step(checksum) ^ prefix.charAt(i) >>> 5;
    }
    checksum = step(checksum);
    for (int i = 0; i < prefix.length(); i++) {
      checksum = step(checksum) ^ prefix.charAt(i) & 31;
    }
    return checksum;
  }

  private static int step(int checksum) {
    int top = checksum >>> 25;
    int next = (checksum & 0x1ffffff) << 5;
    for (int i = 0; i < GENERATOR.length; i++) {
      next ^= (top >>> i & 1) == 0 ? 0 : GENERATOR[i];
    }
    return next;
  }
}
