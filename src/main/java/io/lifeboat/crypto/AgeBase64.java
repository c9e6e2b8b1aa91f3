package io.lifeboat.crypto;

import java.util.Base64;

/** The base64 of age: standard alphabet, no padding, and exactly one text for each value. */
final class AgeBase64 {
  private AgeBase64() {}

  static String encode(byte[] value) {
    return Base64.getEncoder().withoutPadding().encodeToString(value);
  }

  static byte[] decode(String text) {
    byte[] value;
    try {
      value = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw AgeFiles.malformed("its header holds text that is not base64", e);
    }
    // The decoder of the JDK accepts padding and stray bits at the end; age does not.
    if (!encode(value).equals(text)) {
      throw AgeFiles.malformed("its header holds base64 that no encoder writes");
    }
    return value;
  }
}
