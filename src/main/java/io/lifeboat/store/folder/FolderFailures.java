package io.lifeboat.store.folder;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a file system's errors mean for a store. */
final class FolderFailures {
  private FolderFailures() {}

  /**
   * Translates an error.
   *
   * @param action what was tried, as a verb: {@code write}, {@code read}, {@code list}, {@code
   *     remove}
   */
  static LifeboatException translate(IOException error, String action, Path path) {
    String reason = reason(error);
    String message = "Cannot " + action + " " + path + ": " + reason;
    if (error instanceof ClosedByInterruptException) {
      Thread.currentThread().interrupt();
      return new PermanentException(
          ErrorCode.CANCELLED,
          "Interrupted during " + action + " of " + path,
          "Start again.",
          error);
    }
    if (error instanceof AccessDeniedException || reason.contains("Read-only file system")) {
      return new PermanentException(
          ErrorCode.STORE_DENIED,
          message,
          "Give this process's user the rights to the folder, or mount it writable.",
          error);
    }
    if (reason.contains("No space left on device") || reason.contains("Disk quota exceeded")) {
      return new PermanentException(
          ErrorCode.DISK_FULL,
          message,
          "Free space or enlarge the file system, then start again: nothing half-written was"
              + " published.",
          error);
    }
    return new PermanentException(
        ErrorCode.IO_FAILED,
        message,
        "Check the file system and its disk (see the kernel's log).",
        error);
  }

  /** There is no such object. */
  static PermanentException missing(String name, Path path) {
    return new PermanentException(
        ErrorCode.OBJECT_MISSING,
        "There is no object " + name + " at " + path,
        "Check that this is the repository's folder; if it is, the object was removed or lost.");
  }

  private static String reason(IOException error) {
    return switch (error) {
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e ->
          "there is something that is not a folder at " + e.getFile();
      case NoSuchFileException e -> "no such file or folder";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> String.valueOf(error.getMessage());
    };
  }
}
