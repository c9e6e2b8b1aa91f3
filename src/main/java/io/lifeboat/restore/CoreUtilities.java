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
import java.util.Optional;

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

  /** The number of a user who has a name on this machine. */
  static Optional<Integer> userId(String name) {
    return idOf(List.of("id", "-u", "--", name), 0);
  }

  /** The number of a group that has a name on this machine. */
  static Optional<Integer> groupId(String name) {
    return idOf(List.of("getent", "group", name), 2);
  }

  /** One of the fields, separated by colons, that a command prints in a line. */
  private static Optional<Integer> idOf(List<String> command, int field) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String line =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0
          ? Optional.of(Integer.parseUnsignedInt(line.split(":")[field]))
          : Optional.empty();
    } catch (IOException e) {
      throw missing(String.join(" ", command), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
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
      throw missing(line, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static PermanentException missing(String command, IOException e) {
    return new PermanentException(
        ErrorCode.IO_FAILED,
        "Could not run " + command + ": " + e.getMessage(),
        "Install the core utilities (coreutils).",
        e);
  }

  private static PermanentException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new PermanentException(
        ErrorCode.CANCELLED, "The restore was interrupted", "Start it again.", e);
  }
}
