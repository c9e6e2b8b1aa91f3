package io.lifeboat.operation;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * Says which folders a restore may write to: neither within, nor around, what is protected or what
 * Lifeboat lives in; and when somebody far away asks for it, absolute and empty or absent. Links
 * are followed before anything is compared. Thread-safe.
 */
public final class RestoreTargets {
  private final List<Path> reserved;

  /** Keeps restores away from these folders and files. */
  public RestoreTargets(List<Path> reserved) {
    this.reserved = List.copyOf(reserved);
  }

  /**
   * Checks a target as it was asked for.
   *
   * @return the target, normalized
   * @throws PermanentException with code {@code USAGE_INVALID}, {@code TARGET_NOT_EMPTY} or {@code
   *     TARGET_IS_SOURCE}
   */
  public Path checked(String text) {
    Path target = checkedFile(text);
    refuseUnlessEmpty(target);
    return target;
  }

  /**
   * Checks where a file goes as it was asked for: it may be a folder that has other files.
   *
   * @return the target, normalized
   * @throws PermanentException with code {@code USAGE_INVALID} or {@code TARGET_IS_SOURCE}
   */
  public Path checkedFile(String text) {
    if (text.isBlank() || text.indexOf('\0') >= 0 || !Path.of(text).isAbsolute()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The target '" + text + "' is not an absolute path",
          "Name a folder on the service's machine from its root on, such as /restore/shop.");
    }
    Path target = Path.of(text).normalize();
    requireApart(target);
    return target;
  }

  /**
   * Makes sure that what is written to a target, or deleted there, is none of what it must keep
   * away from.
   *
   * @throws PermanentException with code {@code TARGET_IS_SOURCE}
   */
  public void requireApart(Path target) {
    Path real = real(target);
    for (Path taken : reserved) {
      Path realTaken = real(taken);
      if (real.startsWith(realTaken) || realTaken.startsWith(real)) {
        throw new PermanentException(
            ErrorCode.TARGET_IS_SOURCE,
            "The target " + target + " meets " + taken + ", which is a source or Lifeboat's own",
            "Restore beside it, look at the result, and move it where it belongs.");
      }
    }
  }

  private static void refuseUnlessEmpty(Path target) {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    String hint = "Name a folder that is empty or does not exist yet.";
    if (!Files.isDirectory(target)) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY, "The target " + target + " is not a folder", hint);
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      if (entries.iterator().hasNext()) {
        throw new PermanentException(
            ErrorCode.TARGET_NOT_EMPTY, "The target folder " + target + " is not empty", hint);
      }
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The target folder " + target + " cannot be read: " + e.getMessage(),
          "Let the service's user read and write it, or name another.",
          e);
    }
  }

  /** The path with the links of its existing part followed. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path existing = absolute; existing != null; existing = existing.getParent()) {
      if (Files.exists(existing)) {
        try {
          return existing.toRealPath().resolve(existing.relativize(absolute));
        } catch (IOException e) {
          throw new PermanentException(
              ErrorCode.IO_FAILED,
              "The path " + existing + " cannot be resolved: " + e.getMessage(),
              "Let the service's user read the folders on the way to it.",
              e);
        }
      }
    }
    return absolute;
  }
}
