package io.lifeboat.restore;

import java.time.Duration;
import java.util.List;

/**
 * What a finished restore did, or would have done.
 *
 * @param notes what its reader should know next, a sentence each
 */
public record RestoreResult(
    String snapshot, RestoreEngine.Restored restored, Duration took, List<String> notes) {
  /** Copies the notes. */
  public RestoreResult {
    notes = List.copyOf(notes);
  }

  /** How many bytes were written. */
  public long bytes() {
    return restored.bytes();
  }

  /** How many regular files are there. */
  public long files() {
    return restored.files();
  }
}
