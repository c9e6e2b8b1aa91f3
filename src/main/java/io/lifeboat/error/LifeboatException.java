package io.lifeboat.error;

import org.jspecify.annotations.Nullable;

/**
 * A failure that tells its reader what happened (message: fact and value), where, and what to do
 * next (hint). Whether trying again may help is in the type: {@link TransientException} or {@link
 * PermanentException}.
 */
public abstract sealed class LifeboatException extends RuntimeException
    permits PermanentException, TransientException {
  private final ErrorCode code;
  private final String hint;

  LifeboatException(ErrorCode code, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
  }

  /** The stable code. */
  public ErrorCode code() {
    return code;
  }

  /** The next step, as a sentence. */
  public String hint() {
    return hint;
  }
}
