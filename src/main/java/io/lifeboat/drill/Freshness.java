package io.lifeboat.drill;

import java.time.Duration;
import java.time.Instant;

/**
 * How old the newest point may be that a source can be brought back to.
 *
 * @param newest the newest point there is: a snapshot's beginning, or the end of the WAL behind it
 * @param rpo the plan's objective
 */
public record Freshness(Instant newest, Duration rpo) {
  Duration age(Instant at) {
    return Duration.between(newest, at);
  }

  boolean isKept(Instant at) {
    return age(at).compareTo(rpo) <= 0;
  }

  /** As if nothing had come since long before. */
  Freshness stale() {
    return new Freshness(newest.minus(rpo).minus(rpo).minusSeconds(1), rpo);
  }
}
