package io.lifeboat.retention;

import java.util.List;

/**
 * What a prune decided and did.
 *
 * @param decisions one for each snapshot there was, in the order of the log
 * @param work what became of packs
 * @param notes a sentence for what is not wrong, and may not be meant either
 * @param alarms a sentence for each object that was not locked when it should have been
 * @param dryRun whether nothing was done, and everything here says what would be
 */
public record PruneResult(
    List<Decision> decisions,
    PruneWork work,
    List<String> notes,
    List<String> alarms,
    boolean dryRun) {
  /** Copies the lists. */
  public PruneResult {
    decisions = List.copyOf(decisions);
    notes = List.copyOf(notes);
    alarms = List.copyOf(alarms);
  }

  /** Snapshots that were forgotten, or would be. */
  public List<Decision> removed() {
    return decisions.stream().filter(decision -> !decision.keep()).toList();
  }

  /** Snapshots that stay. */
  public List<Decision> kept() {
    return decisions.stream().filter(Decision::keep).toList();
  }
}
