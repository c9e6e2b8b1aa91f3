package io.lifeboat.repository;

/**
 * Something of a snapshot that does not come back in a restore.
 *
 * @param path of a file; of a folder, ending in a slash, with all that is below it; empty for the
 *     whole snapshot
 */
public record Affected(String snapshot, String path, String why) {
  /** As a sentence. */
  public String sentence() {
    return "snapshot " + snapshot + ": " + (path.isEmpty() ? "all of it" : path) + ": " + why;
  }
}
