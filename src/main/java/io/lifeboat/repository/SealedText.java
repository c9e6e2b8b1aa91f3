package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.Base64;

/** Sealed bytes inside JSON: standard Base64, in its one form. */
final class SealedText {
  private SealedText() {}

  static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] decode(String text, String where) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED, where + ": not Base64: " + e.getMessage(), Hints.VERIFY, e);
    }
    if (!encode(bytes).equals(text)) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED, where + ": not the one Base64 form of its bytes", Hints.VERIFY);
    }
    return bytes;
  }
}
