package io.lifeboat.repository;

import java.util.List;

/**
 * What a copy did.
 *
 * @param objects how many the copy has to have
 * @param copied how many this run put there
 * @param bytes of those
 * @param skipped how many were there before
 * @param swept what the copy has beyond that
 * @param problems a sentence for each object that was left out, with its name
 */
public record CopyReport(
    long objects, long copied, long bytes, long skipped, Swept swept, List<String> problems) {
  /** Copies the problems. */
  public CopyReport {
    problems = List.copyOf(problems);
  }

  /** Whether everything is in the copy that was to be there. */
  public boolean complete() {
    return problems.isEmpty();
  }

  /**
   * Packs that the original's prune has swept.
   *
   * @param left how many the copy still has
   * @param removed how many this run removed from it
   * @param refused objects that the store would not delete, such as locked ones
   */
  public record Swept(
      long left, long leftBytes, long removed, long removedBytes, List<String> refused) {
    /** Copies the list. */
    public Swept {
      refused = List.copyOf(refused);
    }
  }
}
