package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes sure that scratches have a place of their own: none in what is protected, whatever links or
 * mounts lead there, and none that is too small.
 */
final class ScratchPlace {
  private static final String CLUSTER_MARK = "PG_VERSION";

  /** What a booted cluster writes beside what was restored: WAL and temporary files. */
  private static final long SPARE_BYTES = 64L << 20;

  private ScratchPlace() {}

  /**
   * Looks at a folder and all above it.
   *
   * @param sources folders that are backed up
   * @throws PermanentException with code {@code TARGET_IS_SOURCE} if one of them is a cluster's
   *     data directory, or is one of the sources by another name
   */
  static void requireApart(Path folder, List<Path> sources) {
    try {
      for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
        if (Files.exists(at.resolve(CLUSTER_MARK))) {
          throw inside(folder, "the PostgreSQL cluster in " + at);
        }
        for (Path source : sources) {
          // One folder may have two names: by a link, or by a mount.
          if (Files.exists(source) && Files.isSameFile(source, at)) {
            throw inside(folder, "the source " + source);
          }
        }
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static PermanentException inside(Path folder, String what) {
    return new PermanentException(
        ErrorCode.TARGET_IS_SOURCE,
        "Scratches would be made in " + folder + ", which lies within " + what,
        "Choose a work folder (`workFolder`) outside of everything that is protected.");
  }

  /**
   * Asks for room before anything is written.
   *
   * @param sizeBytes what a restore writes
   * @throws PermanentException with code {@code SCRATCH_UNAVAILABLE} if there is less
   */
  static void requireRoom(Path folder, long sizeBytes) {
    try {
      FileStore store = Files.getFileStore(folder);
      long free = store.getUsableSpace();
      long wanted = sizeBytes + SPARE_BYTES;
      if (free < wanted) {
        throw new PermanentException(
            ErrorCode.SCRATCH_UNAVAILABLE,
            "A scratch needs "
                + wanted
                + " bytes in "
                + folder
                + ", and there are "
                + free
                + " on "
                + store.name(),
            "Free space there, or choose a larger place for the work folder.");
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static PermanentException unusable(Path folder, IOException e) {
    return new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE,
        "Cannot look at the scratches' folder " + folder + ": " + e.getMessage(),
        "Let the drills' work folder be writable and have space.",
        e);
  }
}
