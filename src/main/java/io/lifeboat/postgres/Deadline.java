package io.lifeboat.postgres;

import java.time.Duration;

/** A moment by which something must be done, on the clock that nobody sets. */
record Deadline(long atNanos) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** Never negative. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, atNanos - System.nanoTime()));
  }

  boolean isOver() {
    return left().isZero();
  }

  /** The same moment, or so long from now if that is earlier. */
  Deadline atMost(Duration time) {
    Deadline other = in(time);
    return other.atNanos - atNanos < 0 ? other : this;
  }
}
