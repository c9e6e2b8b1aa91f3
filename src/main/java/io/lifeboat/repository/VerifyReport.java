package io.lifeboat.repository;

import java.util.List;

/**
 * What a verification found.
 *
 * @param level how deep it went: {@code L0} objects exist, {@code L1} their bytes match names,
 *     hashes and signatures, {@code L2} every chunk was opened and compared with its id
 * @param problems a sentence for each, with the object's name
 */
public record VerifyReport(
    String level, long objects, long bytes, long snapshots, List<String> problems) {
  /** Copies the problems. */
  public VerifyReport {
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean sound() {
    return problems.isEmpty();
  }
}
