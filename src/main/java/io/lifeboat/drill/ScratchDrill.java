package io.lifeboat.drill;

import io.lifeboat.drill.scratch.Scratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import java.time.Instant;
import java.util.Optional;

/**
 * A drill of one kind of source.
 *
 * @param <S> the scratch it needs
 */
sealed interface ScratchDrill<S extends Scratch>
    permits FilesDrill, LogicalDrill, PointInTimeDrill, PostgresDrill {
  /** Makes the scratch. */
  S allocate(ScratchFactory scratches);

  /**
   * Restores to it and writes down what the checks find.
   *
   * @return when the newest row was written that was proven to be there
   */
  Optional<Instant> prove(S scratch);
}
