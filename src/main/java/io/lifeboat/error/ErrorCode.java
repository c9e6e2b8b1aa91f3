package io.lifeboat.error;

/**
 * The stable names of everything that can go wrong. Scripts and runbooks match on them: a code is
 * never renamed or reused.
 */
public enum ErrorCode {
  // Usage and configuration
  CONFIG_INVALID(Kind.USAGE),
  USAGE_INVALID(Kind.USAGE),
  PLAN_UNKNOWN(Kind.USAGE),
  SOURCE_UNKNOWN(Kind.USAGE),
  SNAPSHOT_UNKNOWN(Kind.USAGE),
  PATH_UNKNOWN(Kind.USAGE),
  RECOVERY_IDENTITY_MISSING(Kind.USAGE),
  SERVICE_KEY_MISSING(Kind.USAGE),
  KEY_FILE_INVALID(Kind.USAGE),
  KEY_FILE_EXISTS(Kind.REFUSED),
  REPOSITORY_UNKNOWN(Kind.USAGE),

  // The store
  STORE_UNREACHABLE(Kind.ENVIRONMENT),
  STORE_DENIED(Kind.ENVIRONMENT),
  BUCKET_MISSING(Kind.ENVIRONMENT),
  STORE_UNSAFE(Kind.REFUSED),
  DISK_FULL(Kind.ENVIRONMENT),
  IO_FAILED(Kind.ENVIRONMENT),

  // The repository
  REPOSITORY_MISSING(Kind.ENVIRONMENT),
  REPOSITORY_EXISTS(Kind.REFUSED),
  REPOSITORY_TOO_NEW(Kind.REFUSED),
  OBJECT_MISSING(Kind.INTEGRITY),
  OBJECT_DAMAGED(Kind.INTEGRITY),
  LOG_BROKEN(Kind.INTEGRITY),
  PACKS_SWEPT(Kind.ENVIRONMENT),
  KEY_MISMATCH(Kind.REFUSED),
  REPOSITORY_IS_COPY(Kind.REFUSED),
  SNAPSHOT_HELD(Kind.REFUSED),
  VERIFICATION_FAILED(Kind.INTEGRITY),
  PRUNE_INCOMPLETE(Kind.ENVIRONMENT),

  // PostgreSQL sources
  DATABASE_UNREACHABLE(Kind.ENVIRONMENT),
  DATABASE_DENIED(Kind.ENVIRONMENT),
  DATABASE_TOO_OLD(Kind.REFUSED),
  REPLICATION_ROLE_MISSING(Kind.ENVIRONMENT),
  WAL_LEVEL_TOO_LOW(Kind.ENVIRONMENT),
  BASE_BACKUP_FAILED(Kind.ENVIRONMENT),
  SOURCE_DAMAGED(Kind.INTEGRITY),
  MANIFEST_MISMATCH(Kind.INTEGRITY),
  REPLICATION_CAPACITY_EXHAUSTED(Kind.ENVIRONMENT),
  PROGRAMS_MISSING(Kind.ENVIRONMENT),
  WAL_STREAM_FAILED(Kind.ENVIRONMENT),
  WAL_REMOVED(Kind.ENVIRONMENT),
  WAL_NOT_TAKEN(Kind.ENVIRONMENT),
  DUMP_FAILED(Kind.ENVIRONMENT),

  // File sources
  SOURCE_PATH_MISSING(Kind.ENVIRONMENT),
  SOURCE_UNREADABLE(Kind.ENVIRONMENT),

  // Restores and drills
  TARGET_NOT_EMPTY(Kind.REFUSED),
  TARGET_IS_SOURCE(Kind.REFUSED),
  TARGET_NOT_COVERED(Kind.REFUSED),
  RECOVERY_FAILED(Kind.ENVIRONMENT),
  TARGET_UNSUITABLE(Kind.ENVIRONMENT),
  LOAD_INCOMPLETE(Kind.INTEGRITY),
  SCRATCH_UNAVAILABLE(Kind.ENVIRONMENT),
  SCRATCH_NOT_REMOVED(Kind.ENVIRONMENT),
  CONTROL_MISSED(Kind.INTEGRITY),
  CONTROL_IMPOSSIBLE(Kind.ENVIRONMENT),
  EVIDENCE_INVALID(Kind.INTEGRITY),
  EVIDENCE_UNKNOWN(Kind.USAGE),

  // The service
  UNAUTHENTICATED(Kind.REFUSED),
  OPERATION_UNKNOWN(Kind.USAGE),
  SOURCE_BUSY(Kind.REFUSED),
  RESOURCE_UNKNOWN(Kind.USAGE),
  METHOD_NOT_ALLOWED(Kind.USAGE),
  MEDIA_TYPE_UNSUPPORTED(Kind.USAGE),
  IDEMPOTENCY_KEY_REUSED(Kind.REFUSED),
  SERVICE_STOPPING(Kind.ENVIRONMENT),
  SERVICE_DATABASE_UNAVAILABLE(Kind.ENVIRONMENT),
  SERVICE_NOT_STARTED(Kind.ENVIRONMENT),
  CANCELLED(Kind.INTERRUPTED),
  INTERNAL(Kind.ENVIRONMENT);

  /** What sort of failure a code is; decides the exit status of the command line. */
  public enum Kind {
    /** The backup or the evidence itself is bad. */
    INTEGRITY(1),
    /** The request or the configuration is wrong. */
    USAGE(2),
    /**
     * Something outside Lifeboat is missing, refuses or fails; nothing is said about the backup.
     */
    ENVIRONMENT(3),
    /** Lifeboat declines to do what was asked, to protect data. */
    REFUSED(4),
    /** Somebody stopped the work. */
    INTERRUPTED(130);

    private final int exitStatus;

    Kind(int exitStatus) {
      this.exitStatus = exitStatus;
    }

    /** The exit status of a command that ends with a failure of this kind. */
    public int exitStatus() {
      return exitStatus;
    }
  }

  private final Kind kind;

  ErrorCode(Kind kind) {
    this.kind = kind;
  }

  /** The kind of failure. */
  public Kind kind() {
    return kind;
  }

  /** The page that leads on, relative to the project's root. */
  public String runbook() {
    return switch (this) {
      case SCRATCH_UNAVAILABLE, CONTROL_MISSED, EVIDENCE_INVALID, EVIDENCE_UNKNOWN ->
          "runbooks/drill.md";
      case OBJECT_MISSING,
          OBJECT_DAMAGED,
          LOG_BROKEN,
          KEY_MISMATCH,
          RECOVERY_IDENTITY_MISSING,
          SNAPSHOT_UNKNOWN,
          TARGET_NOT_EMPTY,
          TARGET_NOT_COVERED,
          RECOVERY_FAILED,
          MANIFEST_MISMATCH,
          TARGET_UNSUITABLE,
          LOAD_INCOMPLETE ->
          "runbooks/restore-postgres.md";
      default -> "docs/errors.md#" + name().toLowerCase(java.util.Locale.ROOT);
    };
  }
}
