package io.lifeboat.error;

/** Trying again later may succeed. */
public final class TransientException extends LifeboatException {
  /** A failure with no deeper cause. */
  public TransientException(ErrorCode code, String message, String hint) {
    super(code, message, hint, null);
  }

  /** A failure that something else caused; the cause is kept. */
  public TransientException(ErrorCode code, String message, String hint, Throwable cause) {
    super(code, message, hint, cause);
  }
}
