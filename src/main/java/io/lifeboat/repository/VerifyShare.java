package io.lifeboat.repository;

import java.time.Duration;

/** How much of a repository's packs one verification reads; everything else is read each time. */
public sealed interface VerifyShare {
  /** All packs. */
  record Everything() implements VerifyShare {}

  /**
   * Those that were read longest ago, until they are so large a part of all bytes.
   *
   * @param part above 0, at most 1; after {@code 1 / part} runs each pack has been read
   */
  record Fraction(double part) implements VerifyShare {
    /** Checks the bounds. */
    public Fraction {
      if (!(part > 0 && part <= 1)) {
        throw new IllegalArgumentException("Not a part of a whole: " + part);
      }
    }
  }

  /**
   * As much as keeps every pack's last reading within this time, if runs go on as often as the last
   * two came.
   *
   * @param length positive
   */
  record Window(Duration length) implements VerifyShare {
    /** Checks the bounds. */
    public Window {
      if (length.isZero() || length.isNegative()) {
        throw new IllegalArgumentException("Not a time: " + length);
      }
    }
  }
}
