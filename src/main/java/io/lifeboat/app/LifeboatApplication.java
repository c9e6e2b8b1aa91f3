package io.lifeboat.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where every run of Lifeboat begins: the command line and the service. */
public final class LifeboatApplication {
  private static final int STOP_WITHIN_SECONDS = 30;

  private LifeboatApplication() {}

  /**
   * Runs a command and ends the JVM with its exit status; asked to stop, it ends the work cleanly
   * first.
   */
  public static void main(String[] arguments) {
    var cancelled = new AtomicBoolean();
    var finished = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  cancelled.set(true);
                  if (finished.getCount() > 0) {
                    main.interrupt();
                    await(finished);
                  }
                },
                "stop"));
    int status = 3;
    try {
      status = new CommandLine(System.out, System.err, System.getenv(), cancelled).run(arguments);
    } finally {
      finished.countDown();
    }
    // While the JVM is being stopped by a signal this call waits for ever, and the signal's status
    // counts.
    if (!cancelled.get()) {
      System.exit(status);
    }
  }

  private static void await(CountDownLatch finished) {
    try {
      if (!finished.await(STOP_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(130);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
