package io.lifeboat.repository;

import io.lifeboat.crypto.VerifyKey;
import java.util.List;

/**
 * All evidence of a repository.
 *
 * @param repository its id
 * @param documents the signed documents, in the order in which they were kept
 * @param last number and hash of the last that the log names; number 0 if there is none
 * @param signers the admin key, and each that ever could sign evidence here
 * @param problems a sentence for each that the log names and that cannot be read
 */
public record KeptEvidence(
    String repository,
    List<Document> documents,
    Last last,
    List<VerifyKey> signers,
    List<String> problems) {
  /** Copies the lists. */
  public KeptEvidence {
    documents = List.copyOf(documents);
    signers = List.copyOf(signers);
    problems = List.copyOf(problems);
  }

  /** The end of the chain. */
  public record Last(long number, String document) {}

  /**
   * One of them.
   *
   * @param number its place in the chain; 0 for evidence of before there was one
   */
  public record Document(String drill, long number, byte[] signed) {}
}
