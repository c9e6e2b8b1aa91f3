package io.lifeboat.retention;

import io.lifeboat.repository.Maintenance;
import java.util.List;

/**
 * What a prune decided and did.
 *
 * @param decisions one for each snapshot there was, in the order of the log
 * @param condemned packs that became garbage, or would
 * @param sweptPacks packs that may be deleted from now on
 * @param deleted packs that are gone
 * @param alarms a sentence for each object that was not locked when it should have been
 */
public record PruneResult(
    List<Decision> decisions,
    Maintenance.Condemned condemned,
    long sweptPacks,
    Maintenance.Deleted deleted,
    List<String> alarms) {
  /** Copies the lists. */
  public PruneResult {
    decisions = List.copyOf(decisions);
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
