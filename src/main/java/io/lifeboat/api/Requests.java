package io.lifeboat.api;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.PlanRuns;
import io.lifeboat.restore.RecoveryGoal;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bodies that POST takes, and who sent them. */
final class Requests {
  private static final int LONGEST_KEY = 200;

  private Requests() {}

  /** What {@code POST /v1/backups} takes. */
  record Backup(String plan, Optional<List<String>> tags) {
    /** Copies the tags. */
    Backup {
      tags = tags.map(List::copyOf);
    }
  }

  /** What {@code POST /v1/prunes} takes. */
  record Prune(String repository, Optional<Boolean> dryRun) {}

  /** What {@code POST /v1/verifications} takes. */
  record Verify(
      String repository,
      Optional<String> level,
      Optional<Duration> window,
      Optional<String> subset) {}

  /** What {@code POST /v1/drills} takes. */
  record Drill(String plan, Optional<String> snapshot, Optional<PlanConfig.ScratchKind> scratch) {}

  /** What {@code POST /v1/restores} takes. */
  record Restore(
      String source,
      Optional<String> snapshot,
      Optional<String> path,
      String target,
      Optional<String> at,
      Optional<String> lsn,
      Optional<String> xid,
      Optional<String> restorePoint,
      Optional<Boolean> immediate,
      Optional<String> timeline,
      Optional<Boolean> exclusive) {
    Optional<RecoveryGoal> goal() {
      return RecoveryGoal.of(
          new RecoveryGoal.Words(
              at,
              lsn,
              xid,
              restorePoint,
              immediate.orElse(false),
              timeline,
              exclusive.orElse(false)));
    }
  }

  /** The body, which must be there. */
  static <T> T required(@Nullable T body) {
    if (body == null) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID, "The body is empty", "Send one JSON object.");
    }
    return body;
  }

  static PlanRuns.Requester requester(SecurityContext security, @Nullable String idempotencyKey) {
    if (idempotencyKey != null
        && (idempotencyKey.isBlank() || idempotencyKey.length() > LONGEST_KEY)) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The Idempotency-Key is empty or longer than " + LONGEST_KEY + " characters",
          "Send a random UUID.");
    }
    return new PlanRuns.Requester(
        security.getUserPrincipal().getName(), Optional.ofNullable(idempotencyKey));
  }
}
