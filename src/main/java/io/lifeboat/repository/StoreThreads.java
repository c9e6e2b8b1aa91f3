package io.lifeboat.repository;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Pools of threads that talk to the store: few and fixed, so that they bound the requests in
 * flight, and platform threads. A virtual thread that waits for a socket makes the JVM start a
 * poller, which it then waits 0.3 s for when it exits: longer than many a command works.
 */
final class StoreThreads {
  private StoreThreads() {}

  /** A pool of at most so many daemon threads, started as tasks come. */
  static ExecutorService atMost(int threads, String name) {
    return Executors.newFixedThreadPool(
        threads, Thread.ofPlatform().name(name + "-", 0).daemon().factory());
  }
}
