package io.lifeboat.repository;

import java.util.List;

/**
 * Which packs are missing or damaged, and what of which snapshots is hit.
 *
 * @param problems a sentence for each pack, with its name
 * @param affected files where a recovery identity is at hand, else snapshots
 */
public record DamageReport(List<String> problems, List<Affected> affected) {
  /** Copies the lists. */
  public DamageReport {
    problems = List.copyOf(problems);
    affected = List.copyOf(affected);
  }
}
