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
    /** No backup is possible. */
    REQUIRED,
    /** Backups run, but less well. */
    ADVICE
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
