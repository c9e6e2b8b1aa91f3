package io.lifeboat.api;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.SnapshotChoice;
import io.lifeboat.drill.TableName;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.PlanRuns;
import io.lifeboat.restore.RecoveryGoal;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
  record Drill(
      String plan,
      Optional<String> snapshot,
      Optional<PlanConfig.ScratchKind> scratch,
      Optional<PlanConfig.Select> select,
      Optional<Duration> within) {
    PlanRuns.DrillRequest request() {
      return new PlanRuns.DrillRequest(
          plan, snapshot, scratch, SnapshotChoice.asked(snapshot, select, within));
    }
  }

  /** What {@code POST /v1/controls} takes. */
  record Controls(String plan) {}

  /** What {@code POST /v1/restores} takes. */
  record Restore(
      String source,
      Optional<String> snapshot,
      Optional<String> path,
      Optional<String> target,
      Optional<String> database,
      Optional<String> schema,
      Optional<String> table,
      Optional<String> format,
      Optional<String> into,
      Optional<String> as,
      Optional<String> at,
      Optional<String> lsn,
      Optional<String> xid,
      Optional<String> restorePoint,
      Optional<Boolean> immediate,
      Optional<String> timeline,
      Optional<Boolean> exclusive) {
    /** Whether a database or a table is wanted, and not the cluster. */
    boolean isObject() {
      return Stream.of(database, schema, table, format, into, as).anyMatch(Optional::isPresent);
    }

    PlanRuns.ObjectRequest object() {
      if (database.isEmpty() || path.isPresent()) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "A table needs its database, and no path",
            "Send {\"source\", \"database\", \"table\", \"at\", and \"target\" or \"into\"}.");
      }
      return new PlanRuns.ObjectRequest(
          source,
          snapshot,
          goal(),
          database.get(),
          table.map(name -> new TableName(schema.orElse("public"), name)),
          target,
          format,
          into,
          as);
    }

    PlanRuns.RestoreRequest whole() {
      return new PlanRuns.RestoreRequest(
          source,
          snapshot,
          path,
          target.orElseThrow(() ->
              new PermanentException(
                  ErrorCode.USAGE_INVALID,
                  "The field 'target' is missing",
                  "Name an empty folder of the service's machine.")),
          goal());
    }

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
