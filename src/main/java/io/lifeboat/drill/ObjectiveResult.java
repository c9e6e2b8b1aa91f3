package io.lifeboat.drill;

import java.time.Duration;
import java.util.Optional;

/**
 * An objective of the plan and what a drill measured. A missed one does not change the verdict,
 * which is about the backup alone.
 *
 * @param name {@code rto} or {@code rpo}
 * @param measured empty if the drill came to no measurement; the objective is not met then
 */
public record ObjectiveResult(
    String name, Duration objective, Optional<Duration> measured, boolean met) {
  static ObjectiveResult of(String name, Duration objective, Optional<Duration> measured) {
    boolean met = measured.map(found -> found.compareTo(objective) <= 0).orElse(false);
    return new ObjectiveResult(name, objective, measured, met);
  }
}
