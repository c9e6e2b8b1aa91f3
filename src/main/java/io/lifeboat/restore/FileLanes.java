package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes several files at once: the steps of one file run one after the other in its {@link Lane},
 * those of different files beside each other. What waits is bounded, in bytes and in open files.
 * One thread hands out the work; after the first step that failed nothing more is begun.
 */
final class FileLanes implements AutoCloseable {
  private static final int WAITING_BYTES = 8 << 20;
  static final int FILES_AT_ONCE = 128;

  private final Optional<ExecutorService> threads;
  private final Executor executor;
  private final Semaphore room = new Semaphore(WAITING_BYTES);
  private final Semaphore files = new Semaphore(FILES_AT_ONCE);
  private final AtomicReference<Optional<Throwable>> failure =
      new AtomicReference<>(Optional.empty());

  private FileLanes(Optional<ExecutorService> threads) {
    this.threads = threads;
    this.executor = threads.map(Executor.class::cast).orElse(Runnable::run);
  }

  /** Lanes on as many threads as there are cores, and at least two. */
  static FileLanes parallel() {
    return new FileLanes(
        Optional.of(
            Executors.newFixedThreadPool(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().name("write-", 0).daemon().factory())));
  }

  /** Lanes whose steps run where they are added, one file after the other. */
  static FileLanes sequential() {
    return new FileLanes(Optional.empty());
  }

  /**
   * Begins a file.
   *
   * @param end what is done last, whether its steps went well or not
   */
  Lane begin(Runnable end) {
    check();
    acquire(files, 1);
    return new Lane(end);
  }

  /** Waits for a file. */
  void await(CompletableFuture<Void> file) {
    file.exceptionally(problem -> null).join();
    check();
  }

  /** Waits until every file that was begun is done. */
  void drain() {
    acquire(files, FILES_AT_ONCE);
    files.release(FILES_AT_ONCE);
    check();
  }

  /** Throws what went wrong, if anything did. */
  void check() {
    switch (failure.get().orElse(null)) {
      case null -> {
        // All is well.
      }
      case RuntimeException problem -> throw problem;
      case Error problem -> throw problem;
      case Throwable problem -> throw new IllegalStateException("Steps throw none", problem);
    }
  }

  private static void acquire(Semaphore from, int permits) {
    try {
      from.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The restore was interrupted", "Start it again.", e);
    }
  }

  private void note(Throwable problem) {
    Throwable cause =
        problem instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : problem;
    failure.compareAndSet(Optional.empty(), Optional.of(cause));
  }

  /** Begins nothing more and waits for what is under way. */
  @Override
  public void close() {
    failure.compareAndSet(
        Optional.empty(), Optional.of(new IllegalStateException("The lanes are closed")));
    threads.ifPresent(ExecutorService::close);
  }

  /** The steps of one file, in order. */
  final class Lane implements AutoCloseable {
    private final Runnable end;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    private Lane(Runnable end) {
      this.end = end;
    }

    /**
     * Adds a step; waits while too much waits already.
     *
     * @param heldBytes what is kept in memory until the step was done
     */
    void add(int heldBytes, Runnable step) {
      check();
      int weight = Math.min(heldBytes, WAITING_BYTES);
      acquire(room, weight);
      last =
          last.thenRunAsync(
                  () -> {
                    check();
                    step.run();
                  },
                  executor)
              .whenComplete((nothing, problem) -> {
                if (problem != null) {
                  note(problem);
                }
                room.release(weight);
              });
    }

    /** Is there once the last step and the end were done. */
    CompletableFuture<Void> done() {
      return last;
    }

    /** Adds the end. */
    @Override
    public void close() {
      last =
          last.handle(
                  (nothing, problem) -> {
                    end.run();
                    return (Void) null;
                  })
              .whenComplete((nothing, problem) -> {
                if (problem != null) {
                  note(problem);
                }
                files.release();
              });
    }
  }
}
