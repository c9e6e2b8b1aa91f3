package io.lifeboat.repository;

import java.util.List;

/**
 * What a verification found.
 *
 * @param level how deep it went: {@code L0} objects exist, {@code L1} their bytes match names,
 *     hashes and signatures, {@code L2} every chunk was opened and compared with its id, and every
 *     tree resolves
 * @param problems a sentence for each, with the object's name
 * @param warnings what somebody should know though no backup is hit by it, a sentence each
 */
public record VerifyReport(
    String level,
    long objects,
    long bytes,
    long snapshots,
    List<String> problems,
    List<String> warnings,
    Coverage coverage) {
  /** What helps where a verification finds problems. */
  public static final String WHAT_TO_DO =
      "Put what is damaged or missing back from a copy; `lifeboat repair --report`, with the"
          + " recovery kit, says which files of which snapshots are hit. A damaged pack that no"
          + " copy has must be moved away before a backup stores its contents anew.";

  /** Copies the lists. */
  public VerifyReport {
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /** Whether nothing is wrong. */
  public boolean sound() {
    return problems.isEmpty();
  }

  /**
   * How much of the packs was read, now and before.
   *
   * @param packsTotal how many there are
   * @param packsVerified how many this run read and found right
   * @param bytesTotal of all packs
   * @param bytesVerified of those that this run read and found right
   * @param oldestUnverifiedDays for how many days the pack that was read longest ago (at this level
   *     or a higher one, by attestations and this run) has not been read; from when it was stored,
   *     if never
   */
  public record Coverage(
      long packsTotal,
      long packsVerified,
      long bytesTotal,
      long bytesVerified,
      long oldestUnverifiedDays) {}
}
