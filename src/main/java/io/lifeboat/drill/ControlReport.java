package io.lifeboat.drill;

import io.lifeboat.drill.ControlResult.Outcome;
import java.util.List;

/**
 * What the negative controls of a plan came to.
 *
 * @param snapshot the one that was copied and damaged
 */
public record ControlReport(String plan, String snapshot, List<ControlResult> results) {
  /** Copies the results. */
  public ControlReport {
    results = List.copyOf(results);
  }

  /** The worst outcome: of a prover that misses one damage nothing can be believed. */
  public Outcome outcome() {
    return of(Outcome.MISSED).isEmpty()
        ? of(Outcome.UNTRIED).isEmpty() ? Outcome.FOUND : Outcome.UNTRIED
        : Outcome.MISSED;
  }

  /** Those that came out so. */
  public List<ControlResult> of(Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).toList();
  }
}
