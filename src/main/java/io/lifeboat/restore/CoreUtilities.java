package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.RawName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What Java cannot do on a file system, by the core utilities that every Unix has. */
final class CoreUtilities {
  private CoreUtilities() {}

  /**
   * Makes everything on a folder's file system durable at once ({@code sync -f}): forcing each of a
   * hundred thousand restored files by itself would take longer than restoring them.
   */
  static void sync(Path folder) {
    run(
        List.of("sync", "-f", folder.toString()),
        "The disk may have failed while it was written: look at the system's log, and restore"
            + " elsewhere.");
  }

  /**
   * Creates a symbolic link to exactly these bytes. Java's paths have no double slashes and none at
   * their end, and links may have both; {@code ln} makes those.
   */
  static void symlink(Path link, byte[] target) throws IOException {
    Path path = RawName.path(target);
    if (Arrays.equals(RawName.bytes(path), target)) {
      Files.createSymbolicLink(link, path);
    } else {
      run(
          List.of("ln", "-sn", "--", new String(target, StandardCharsets.UTF_8), link.toString()),
          "Check that this user may write there.");
    }
  }

  private static void run(List<String> command, String hint) {
    String line = "`" + String.join(" ", command) + "`";
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      int status = process.waitFor();
      if (status != 0) {
        throw new PermanentException(
            ErrorCode.IO_FAILED, line + " ended with status " + status, hint);
      }
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Could not run " + line + ": " + e.getMessage(),
          "Install the core utilities (coreutils).",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The restore was interrupted", "Start it again.", e);
    }
  }
}
