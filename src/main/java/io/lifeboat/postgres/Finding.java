package io.lifeboat.postgres;

import java.util.Optional;

/**
 * One thing that was looked at on a server before a backup.
 *
 * @param id stable, for scripts
 * @param sentence what was found, and what it means if it is not well
 * @param remedySql what a superuser runs to mend it
 */
public record Finding(
    String id, boolean ok, Severity severity, String sentence, Optional<String> remedySql) {
  /** What becomes of a backup if a finding is not well. */
  public enum Severity {
    /** No backup is possible, or no write-ahead log comes from a plan that wants it. */
    REQUIRED,
    /** Backups run, but less well. */
    ADVICE
  }

  /** What a finding means for the backups of a server. */
  public enum State {
    /** Nothing is to be done. */
    GOOD,
    /** Backups run, but less well than they could. */
    COULD_BE_BETTER,
    /** There is no backup, or no write-ahead log, before this is mended. */
    STANDS_IN_THE_WAY
  }

  /** Which it is. */
  public State state() {
    if (ok) {
      return State.GOOD;
    }
    return switch (severity) {
      case REQUIRED -> State.STANDS_IN_THE_WAY;
      case ADVICE -> State.COULD_BE_BETTER;
    };
  }

  /** Nothing to mend. */
  public static Finding well(String id, Severity severity, String sentence) {
    return new Finding(id, true, severity, sentence, Optional.empty());
  }

  /** Something to mend. */
  public static Finding ill(String id, Severity severity, String sentence, String remedySql) {
    return new Finding(id, false, severity, sentence, Optional.of(remedySql));
  }
}
