package io.lifeboat.crypto;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.List;
import java.util.function.Function;

/**
 * The lines of a key file, and the complaints about them: each names the file and the line, says
 * what to do, and never repeats a line, because it may hold a secret.
 *
 * @param file how messages name the file
 * @param lines without their ends
 */
record KeyFileLines(String file, List<String> lines) {
  KeyFileLines {
    lines = List.copyOf(lines);
  }

  static KeyFileLines of(String file, String text) {
    return new KeyFileLines(file, text.lines().toList());
  }

  /** Reads a key from {@code text}, which stands in line {@code index} (from 0). */
  <T> T key(int index, String what, Function<String, T> parser, String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.KEY_FILE_INVALID,
          where(index) + ": the " + what + " is not valid: " + e.getMessage(),
          RETYPE_HINT,
          e);
    }
  }

  PermanentException invalid(int index, String reason, String hint) {
    return new PermanentException(ErrorCode.KEY_FILE_INVALID, where(index) + ": " + reason, hint);
  }

  PermanentException incomplete(String missing) {
    return new PermanentException(
        ErrorCode.KEY_FILE_INVALID,
        file + " has no " + missing,
        "The file is not whole: restore it from its copy; lifeboat writes it once and never changes"
            + " it.");
  }

  private String where(int index) {
    return file + ", line " + (index + 1);
  }

  private static final String RETYPE_HINT =
      "Compare the line with the printed or copied original, character by character; after the"
          + " prefix the letters b, i, o and the digit 1 never occur.";
}
