package io.lifeboat.wal;

import java.time.Duration;

/** How long to wait before the next try: one second, then twice as long each time, up to thirty. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private Duration next = FIRST;

  Duration next() {
    Duration now = next;
    next = now.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : now.multipliedBy(2);
    return now;
  }

  void reset() {
    next = FIRST;
  }
}
