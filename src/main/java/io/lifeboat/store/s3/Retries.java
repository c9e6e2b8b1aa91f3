package io.lifeboat.store.s3;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Tries again what failed for a passing reason, with growing pauses. A server that never answered
 * yet is most likely a wrong address, so it is given up on within seconds; one that did answer is
 * given about a minute to come back, because a night's backup should not fail for its restart.
 * Thread-safe.
 *
 * <p>The SDK's own retries are off: they hide whether an earlier attempt of a put may have reached
 * the server.
 */
final class Retries {
  private static final List<Duration> IMPATIENT =
      List.of(Duration.ofMillis(200), Duration.ofMillis(800));
  private static final List<Duration> PATIENT =
      List.of(
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20));

  /** How to wait; tests do not. */
  interface Pause {
    /** Waits. */
    void waitFor(Duration time) throws InterruptedException;
  }

  private final Pause pause;
  private final AtomicBoolean answered = new AtomicBoolean();

  Retries(Pause pause) {
    this.pause = pause;
  }

  /**
   * Runs the attempt until it succeeds, fails for good, or the pauses are used up; then its last
   * failure is thrown.
   */
  <T> T run(Supplier<T> attempt) {
    for (int failures = 0; ; failures++) {
      try {
        T result = attempt.get();
        answered.set(true);
        return result;
      } catch (TransientException e) {
        List<Duration> pauses = answered.get() ? PATIENT : IMPATIENT;
        if (failures >= pauses.size()) {
          throw e;
        }
        waitFor(pauses.get(failures), e);
      }
    }
  }

  private void waitFor(Duration atMost, TransientException reason) {
    // Spread over the upper half, so that many threads do not come back all at once.
    long atMostMillis = atMost.toMillis();
    long millis = ThreadLocalRandom.current().nextLong(atMostMillis / 2, atMostMillis + 1);
    try {
      pause.waitFor(Duration.ofMillis(millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "Interrupted while waiting to try again: " + reason.getMessage(),
          "Start again.",
          reason);
    }
  }
}
