package io.lifeboat.repository.model;

import java.util.List;

/** Somebody who may take steps. What it remembers between them is in the state. */
sealed interface Actor permits Writer, Pruner, Deleter, Reader, Network {
  /**
   * Adds all that it may do next. If it is in the middle of something, what it does when nothing
   * disturbs it comes first.
   */
  void addSteps(State state, List<Step> steps);

  /**
   * The same state, but for what this actor remembers and will never make use of. So states that
   * differ in nothing of consequence become one.
   */
  default State settled(State state) {
    return state;
  }
}
