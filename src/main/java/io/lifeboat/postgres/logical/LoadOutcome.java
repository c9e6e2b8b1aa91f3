package io.lifeboat.postgres.logical;

import java.util.List;

/**
 * What a load has brought back, every row counted again.
 *
 * @param notes what its reader should know, a sentence each
 */
public record LoadOutcome(long tables, long rows, long sequences, List<String> notes) {
  /** Copies the notes. */
  public LoadOutcome {
    notes = List.copyOf(notes);
  }
}
