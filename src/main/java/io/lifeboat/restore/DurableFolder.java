package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes everything on a folder's file system durable at once, by {@code sync -f} of the core
 * utilities: forcing each of a hundred thousand restored files by itself would take longer than
 * restoring them.
 */
final class DurableFolder {
  private DurableFolder() {}

  static void sync(Path folder) {
    try {
      Process sync =
          new ProcessBuilder("sync", "-f", folder.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      int status = sync.waitFor();
      if (status != 0) {
        throw new PermanentException(
            ErrorCode.IO_FAILED,
            "`sync -f " + folder + "` ended with status " + status,
            "The disk may have failed while it was written: look at the system's log, and restore"
                + " elsewhere.");
      }
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Could not run `sync -f` to make the restore durable: " + e.getMessage(),
          "Install the core utilities.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The restore was interrupted", "Start it again.", e);
    }
  }
}
