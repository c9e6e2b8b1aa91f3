package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Handles many objects in parallel, each of them whole in memory: together they take up at most a
 * third of the heap, or one object, whichever is more.
 */
final class BoundedWork {
  private static final int UNIT_BYTES = 64 << 10;

  private final int threads;
  private final int units;
  private final Semaphore memory;

  BoundedWork(int threads) {
    this.threads = threads;
    this.units =
        (int) Math.max(1, Math.min(1 << 20, Runtime.getRuntime().maxMemory() / 3 / UNIT_BYTES));
    this.memory = new Semaphore(units);
  }

  /** Returns when all are handled; the first failure stops those that have not begun. */
  void each(Collection<ObjectInfo> objects, String name, Consumer<ObjectInfo> work) {
    var stopped = new AtomicBoolean();
    try (ExecutorService workers = StoreThreads.atMost(threads, name)) {
      List<Future<?>> running = new ArrayList<>();
      for (ObjectInfo object : objects) {
        running.add(
            workers.submit(() -> {
              if (!stopped.get()) {
                handle(object, work);
              }
            }));
      }
      try {
        running.forEach(Waits::get);
      } finally {
        stopped.set(true);
      }
    }
  }

  private void handle(ObjectInfo object, Consumer<ObjectInfo> work) {
    int needed = (int) Math.min(units, 1 + object.sizeBytes() / UNIT_BYTES);
    try {
      memory.acquire(needed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The work was interrupted", "Start it again.", e);
    }
    try {
      work.accept(object);
    } finally {
      memory.release(needed);
    }
  }
}
