package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;

/** Which of a cluster's timelines a recovery follows. */
public sealed interface RecoveryTimeline {
  /** The newest one there is. */
  record Newest() implements RecoveryTimeline {}

  /** That of the base backup. */
  record OfSnapshot() implements RecoveryTimeline {}

  /**
   * A certain one.
   *
   * @param number 1 or more
   */
  record Numbered(int number) implements RecoveryTimeline {}

  /**
   * Reads {@code latest}, {@code snapshot} or a number.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  static RecoveryTimeline parse(String text) {
    return switch (text) {
      case "latest" -> new Newest();
      case "snapshot" -> new OfSnapshot();
      default -> new Numbered(number(text));
    };
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(text, e);
    }
    throw invalid(text, new NumberFormatException("below 1"));
  }

  private static PermanentException invalid(String text, NumberFormatException e) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        "'" + text + "' is no timeline",
        "Give a number, 'latest', or 'snapshot' for that of the snapshot; `lifeboat wal` lists what"
            + " there is.",
        e);
  }
}
