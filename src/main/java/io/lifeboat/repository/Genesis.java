package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;

/** Holds a log against the repository that it lies in. */
final class Genesis {
  private Genesis() {}

  /** A log that begins elsewhere, or not at all, is not this repository's, or not all of it. */
  static void check(CommitLog.View view, FormatDocument format, String formatSha256) {
    if (view.copy() && view.next() == 0) {
      throw new PermanentException(
          ErrorCode.REPOSITORY_MISSING,
          RepositoryCopy.unfinished("this place", "repository " + format.repository()),
          Hints.FINISH_COPY);
    }
    boolean ours =
        view.all(LogRecord.Genesis.class)
            .findFirst()
            .map(genesis ->
                genesis.repository().equals(format.repository())
                    && genesis.formatSha256().equals(formatSha256))
            .orElse(!view.problems().isEmpty());
    if (!ours) {
      throw new PermanentException(
          ErrorCode.LOG_BROKEN,
          Names.log(0) + " does not begin the log of repository " + format.repository(),
          "If `lifeboat init` was interrupted, run it again with another prefix or folder. "
              + Hints.VERIFY);
    }
  }
}
