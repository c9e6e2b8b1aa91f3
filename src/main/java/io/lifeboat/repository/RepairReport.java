package io.lifeboat.repository;

import java.util.List;

/**
 * What a repair did, or would do.
 *
 * @param done a sentence for each
 * @param problems what it could not mend, a sentence each, with the object's name
 * @param voidable names of objects in the log that are no entries, and that can be declared void
 */
public record RepairReport(List<String> done, List<String> problems, List<String> voidable) {
  /** Copies the lists. */
  public RepairReport {
    done = List.copyOf(done);
    problems = List.copyOf(problems);
    voidable = List.copyOf(voidable);
  }
}
