package io.lifeboat.repository;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * What a repository needs of its surroundings.
 *
 * @param spool a folder for sealed packs on their way to the store; made if absent. Beside it, in
 *     {@code index}, lies what a run leaves for the next one
 * @param packSizes how long packs become
 */
public record RepositoryEnvironment(
    SecureRandom random, Clock clock, Path spool, PackSizes packSizes) {
  /** With packs of the usual size. */
  public RepositoryEnvironment(SecureRandom random, Clock clock, Path spool) {
    this(random, clock, spool, PackSizes.USUAL);
  }
}
