package io.lifeboat.error;

/** Trying again without a change will fail again. */
public final class PermanentException extends LifeboatException {
  /** A failure with no deeper cause. */
  public PermanentException(ErrorCode code, String message, String hint) {
    super(code, message, hint, null);
  }

  /** A failure that something else caused; the cause is kept. */
  public PermanentException(ErrorCode code, String message, String hint, Throwable cause) {
    super(code, message, hint, cause);
  }
}
