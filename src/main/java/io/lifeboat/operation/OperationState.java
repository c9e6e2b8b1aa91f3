package io.lifeboat.operation;

/**
 * How far an operation is.
 *
 * <pre>
 *   QUEUED ──> RUNNING ──> SUCCEEDED | FAILED
 *     │           │
 *     │           └─────> CANCELLING ──> CANCELLED
 *     │                        └───────> SUCCEEDED | FAILED   (it ended before it saw the request)
 *     └──────────────────────────────> CANCELLED
 *   QUEUED, RUNNING, CANCELLING ────────> INTERRUPTED          (the service stopped or was killed)
 * </pre>
 */
public enum OperationState {
  /** Waits for its source or for a free place. */
  QUEUED,
  /** Works. */
  RUNNING,
  /** Somebody asked it to stop; it still cleans up. */
  CANCELLING,
  /** Done. What a drill found is its verdict. */
  SUCCEEDED,
  /** Ended with an error. */
  FAILED,
  /** Stopped as asked, after it cleaned up. */
  CANCELLED,
  /** The service ended while it waited or worked. */
  INTERRUPTED;

  /** Whether an operation may go from this state to another one. */
  public boolean canMoveTo(OperationState next) {
    return switch (this) {
      case QUEUED -> next == RUNNING || next == CANCELLED || next == INTERRUPTED;
      case RUNNING ->
          next == SUCCEEDED || next == FAILED || next == CANCELLING || next == INTERRUPTED;
      case CANCELLING ->
          next == CANCELLED || next == SUCCEEDED || next == FAILED || next == INTERRUPTED;
      case SUCCEEDED, FAILED, CANCELLED, INTERRUPTED -> false;
    };
  }

  /** Whether nothing can follow. */
  public boolean isFinal() {
    return switch (this) {
      case QUEUED, RUNNING, CANCELLING -> false;
      case SUCCEEDED, FAILED, CANCELLED, INTERRUPTED -> true;
    };
  }
}
