package io.lifeboat.repository;

import java.security.SecureRandom;
import java.time.Clock;

/**
 * Makes snapshot ids: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random
 * bits, as in the ULID specification. They sort by time. Thread-safe.
 */
public final class SnapshotIds {
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int TIME_DIGITS = 10;
  private static final int RANDOM_DIGITS = 16;

  private final Clock clock;
  private final SecureRandom random;

  /** A maker of ids. */
  public SnapshotIds(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** A new id. */
  public String next() {
    var id = new StringBuilder();
    long millis = clock.millis();
    for (int i = TIME_DIGITS - 1; i >= 0; i--) {
      id.append(DIGITS.charAt((int) (millis >>> 5 * i & 31)));
    }
    for (int i = 0; i < RANDOM_DIGITS; i++) {
      id.append(DIGITS.charAt(random.nextInt(32)));
    }
    return id.toString();
  }
}
