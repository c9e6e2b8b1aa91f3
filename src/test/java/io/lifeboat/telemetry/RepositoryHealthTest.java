package io.lifeboat.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.health.HealthCheck;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.TransientException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RepositoryHealthTest {
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void aStoreThatDoesNotAnswerIsToldOfSoonAndAskedOnce() throws Exception {
    var answers = new CountDownLatch(1);
    HealthCheck check =
        Health.repository(
            () -> {
              asked.incrementAndGet();
              await(answers);
            },
            Duration.ofMillis(50));

    assertThat(check.execute().isHealthy()).isFalse();
    assertThat(check.execute().getMessage()).contains("STORE_UNREACHABLE");
    assertThat(asked).hasValue(1);

    answers.countDown();
    while (!check.execute().isHealthy()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatAStoreRefusesIsSaid() {
    HealthCheck check =
        Health.repository(() -> {
          throw new TransientException(ErrorCode.STORE_DENIED, "not you", "ask somebody");
        });

    assertThat(check.execute().getMessage()).contains("STORE_DENIED", "not you", "ask somebody");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
