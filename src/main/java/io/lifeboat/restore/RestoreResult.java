package io.lifeboat.restore;

import java.time.Duration;
import java.util.List;

/**
 * What a finished restore did.
 *
 * @param notes what its reader should know next, a sentence each
 */
public record RestoreResult(
    String snapshot, long bytes, long files, Duration took, List<String> notes) {
  /** Copies the notes. */
  public RestoreResult {
    notes = List.copyOf(notes);
  }
}
