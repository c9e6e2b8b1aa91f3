package io.lifeboat.error;

import java.util.Optional;

/** Which runbook helps with a failure. Paths are relative to the distribution's folder. */
public final class Runbook {
  private static final String RESTORE = "runbooks/restore-postgres.md";
  private static final String DRILL = "runbooks/drill.md";

  private Runbook() {}

  /** The runbook for a failure; empty where its hint says all there is to do. */
  public static Optional<String> of(ErrorCode code) {
    return switch (code) {
      case TARGET_NOT_EMPTY,
          TARGET_IS_SOURCE,
          SNAPSHOT_UNKNOWN,
          PATH_UNKNOWN,
          RECOVERY_IDENTITY_MISSING,
          OBJECT_MISSING,
          OBJECT_DAMAGED,
          LOG_BROKEN,
          KEY_MISMATCH,
          REPOSITORY_MISSING ->
          Optional.of(RESTORE);
      case SCRATCH_UNAVAILABLE, EVIDENCE_INVALID, DRILL_UNKNOWN -> Optional.of(DRILL);
      default -> Optional.empty();
    };
  }
}
