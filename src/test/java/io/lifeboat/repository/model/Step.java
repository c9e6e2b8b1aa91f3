package io.lifeboat.repository.model;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * One step of one actor.
 *
 * @param what a sentence for people, made only when somebody reads it
 * @param breaks an invariant that the step itself breaks
 */
record Step(State next, Supplier<String> what, Optional<Invariant> breaks) {
  Step(State next, Supplier<String> what) {
    this(next, what, Optional.empty());
  }
}
