package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.InterruptedStore;
import io.lifeboat.store.InterruptedStore.Interruption;
import io.lifeboat.store.ObjectStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Runs a command again and again, and interrupts it at its first call to a store, at its second,
 * and so on, until it ends before its turn has come. Points are independent of each other, and two
 * at a time are tried.
 */
final class FaultSweep {
  private static final int PARALLEL = 2;

  private final Interruption interruption;
  private final Start start;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger end = new AtomicInteger(Integer.MAX_VALUE);

  private FaultSweep(Interruption interruption, Start start) {
    this.interruption = interruption;
    this.start = start;
  }

  /** Brings about the world in which a command begins, one for each point. */
  interface Start {
    /** A world that no other point knows. */
    Attempt attempt(int point) throws Exception;
  }

  /** A command in a world of its own. */
  interface Attempt {
    /**
     * Does the work.
     *
     * @param between is put between the work and the store that is swept
     */
    void run(UnaryOperator<ObjectStore> between);

    /** What must hold however the work ended. */
    void harmedNothing(String when);

    /** What must hold when the work was done again and nothing interrupted it. */
    void converged(String when);
  }

  /** Tries all points; answers how many there are. */
  static int points(Interruption interruption, Start start) throws Exception {
    return new FaultSweep(interruption, start).run();
  }

  private int run() throws Exception {
    Callable<Boolean> sweeper = this::sweep;
    List<Future<Boolean>> sweepers;
    try (var threads = Executors.newFixedThreadPool(PARALLEL)) {
      sweepers = threads.invokeAll(Collections.nCopies(PARALLEL, sweeper));
    }
    for (Future<Boolean> done : sweepers) {
      try {
        assertThat(done.get()).isTrue();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause().getMessage(), e.getCause());
      }
    }
    return end.get();
  }

  private boolean sweep() throws Exception {
    boolean done = false;
    try {
      for (int at = next.getAndIncrement(); at < end.get(); at = next.getAndIncrement()) {
        if (!isPoint(at)) {
          end.accumulateAndGet(at, Math::min);
        }
      }
      done = true;
    } finally {
      if (!done) {
        end.set(0); // the other one need not go on
      }
    }
    return done;
  }

  /** Answers whether the work made that call. */
  private boolean isPoint(int at) throws Exception {
    Attempt attempt = start.attempt(at);
    var interrupted = new ArrayList<InterruptedStore>();
    boolean failed = false;
    try {
      attempt.run(store -> {
        interrupted.add(new InterruptedStore(store, interruption, at));
        return interrupted.getLast();
      });
    } catch (LifeboatException e) {
      failed = true;
    }
    assertThat(interrupted).as("stores that are swept").hasSize(1);
    attempt.harmedNothing("at call " + at);
    if (!interrupted.getFirst().wasInterrupted()) {
      assertThat(failed).as("work that nothing interrupts succeeds").isFalse();
      attempt.converged("without an interruption");
      return false;
    }
    attempt.run(store -> store);
    attempt.harmedNothing("after going on from call " + at);
    attempt.converged("after going on from call " + at);
    return true;
  }
}
