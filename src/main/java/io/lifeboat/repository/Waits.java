package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waiting for background work with our own exceptions. */
final class Waits {
  private Waits() {}

  static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The work was interrupted", "Start it again.", e);
    } catch (ExecutionException e) {
      throw PackStream.asFailure(e.getCause() == null ? e : e.getCause());
    }
  }
}
