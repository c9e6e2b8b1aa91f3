package io.lifeboat.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file system did not give what was asked for, in a few words. */
final class Unreadable {
  private Unreadable() {}

  static String reason(IOException error) {
    return switch (error) {
      case AccessDeniedException e -> "permission denied";
      case NoSuchFileException e -> "it is gone";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default -> String.valueOf(error.getMessage());
    };
  }
}
