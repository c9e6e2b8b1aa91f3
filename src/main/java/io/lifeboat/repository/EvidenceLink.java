package io.lifeboat.repository;

/**
 * The place of a piece of evidence among all of a repository.
 *
 * @param repository the repository's id
 * @param number 1 for the first, and one more for each after it
 * @param previous SHA-256 of the signed document before it, in hexadecimal; 64 zeros for the first
 */
public record EvidenceLink(String repository, long number, String previous) {
  /** What the first one names as the one before it. */
  public static final String NO_PREVIOUS = CommitLog.NO_PREVIOUS;
}
