package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A page in a file of its own: what is there is never written over. */
final class NewPage {
  private NewPage() {}

  static void write(Path file, String html) {
    try {
      Files.writeString(file, html, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The file " + file + " exists already",
          "It was left as it is. Give --html another name.",
          e);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The page could not be written to " + file + ": " + e,
          "Give --html a place that can be written to, with room.",
          e);
    }
  }
}
