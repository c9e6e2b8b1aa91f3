package io.lifeboat.operation;

import java.security.SecureRandom;
import java.time.Clock;

/**
 * Makes ids that sort by time: 48 bits of milliseconds and 80 random bits in Crockford's base 32,
 * as in ULID. Ids of one millisecond are in no order. Thread-safe.
 */
public final class OperationIds {
  private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

  private final Clock clock;
  private final SecureRandom random;

  /** Takes time and randomness from the given sources. */
  public OperationIds(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** A new id with the given prefix, such as {@code op_}. */
  public String next(String prefix) {
    var text = new StringBuilder(prefix);
    long millis = clock.millis();
    for (int shift = 45; shift >= 0; shift -= 5) {
      text.append(ALPHABET[(int) (millis >>> shift) & 31]);
    }
    for (int i = 0; i < 16; i++) {
      text.append(ALPHABET[random.nextInt(32)]);
    }
    return text.toString();
  }
}
