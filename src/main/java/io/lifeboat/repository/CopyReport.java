package io.lifeboat.repository;

import java.util.List;

/**
 * What a copy did.
 *
 * @param objects how many the copy has to have
 * @param copied how many this run put there
 * @param bytes of those
 * @param skipped how many were there before
 * @param problems a sentence for each object that was left out, with its name
 */
public record CopyReport(
    long objects, long copied, long bytes, long skipped, List<String> problems) {
  /** Copies the problems. */
  public CopyReport {
    problems = List.copyOf(problems);
  }
}
