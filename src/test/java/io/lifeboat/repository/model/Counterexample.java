package io.lifeboat.repository.model;

import java.util.List;

/** A shortest way into a state, or over a step, that breaks an invariant. */
record Counterexample(Invariant broken, List<String> steps) {
  Counterexample {
    steps = List.copyOf(steps);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int step = 0; step < steps.size(); step++) {
      text.append("%3d. %s%n".formatted(step + 1, steps.get(step)));
    }
    return text.append("     => ").append(broken.breach()).toString();
  }
}
