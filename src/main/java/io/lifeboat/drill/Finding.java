package io.lifeboat.drill;

import io.lifeboat.drill.scratch.ScratchFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a drill brought back beside its checks.
 *
 * @param scratch what it ran in, if there was one
 * @param lastCheckAt when the last check was done: the end of the recovery time
 * @param newestRow when the newest row was written that was proven to be there
 * @param leaked what of the scratch could not be removed, a sentence each
 */
record Finding(
    Optional<ScratchFacts> scratch,
    Instant lastCheckAt,
    Optional<Instant> newestRow,
    List<String> leaked) {
  Finding {
    leaked = List.copyOf(leaked);
  }

  /** The same of a drill that left this behind as well. */
  Finding leaving(List<String> more) {
    var all = new ArrayList<>(leaked);
    all.addAll(more);
    return new Finding(scratch, lastCheckAt, newestRow, all);
  }
}
