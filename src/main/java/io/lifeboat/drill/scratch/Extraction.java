package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.io.IOException;
import java.time.Duration;

/** What can go wrong while something is taken out of a scratch copy. */
final class Extraction {
  /** How long it may take. */
  static final Duration LIMIT = Duration.ofHours(24);

  private Extraction() {}

  static PermanentException refused(String said) {
    return new PermanentException(
        ErrorCode.RECOVERY_FAILED,
        "The recovered copy does not hand out what is wanted: " + said,
        "Restore the cluster to a folder, and take it out there.");
  }

  static TransientException failed(IOException e) {
    return new TransientException(
        ErrorCode.IO_FAILED,
        "What was taken out of the recovered copy could not be written: " + e.getMessage(),
        "Look at the room and the rights where it goes, then try again.",
        e);
  }

  static PermanentException noDump(String where) {
    return new PermanentException(
        ErrorCode.PROGRAMS_MISSING,
        "There is no pg_dump " + where,
        "Take a table as CSV, or name programs or an image that have it: --programs, --image.");
  }
}
