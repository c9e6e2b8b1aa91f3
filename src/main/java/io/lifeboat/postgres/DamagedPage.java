package io.lifeboat.postgres;

import java.util.Optional;

/**
 * A page of the source whose checksum does not match.
 *
 * @param file where it lies, below the data directory
 * @param block its number in the relation's fork, from 0
 * @param relation the table or index, with its database; empty if the server did not tell
 */
public record DamagedPage(String file, long block, Optional<String> relation) {
  /** For people. */
  @Override
  public String toString() {
    return "block " + block + " of " + relation.map(name -> name + " (" + file + ")").orElse(file);
  }
}
