package io.lifeboat.operation;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.operation.Operation.Event;
import io.lifeboat.operation.Operation.Order;
import io.lifeboat.operation.Operation.Subject;
import io.lifeboat.operation.Operation.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues and runs operations: in the order they came, never two of one source at a time, and no
 * more at once than allowed. Work on repositories has one place of its own beside those, so that it
 * never overlaps, and no backup waits for it. Each operation runs on a virtual thread of its own.
 * Thread-safe.
 *
 * <p>Stopping the service asks what runs to stop, waits, and records what did not end as
 * interrupted; a start records what a killed service left behind in the same way.
 */
public final class OperationService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OperationService.class);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

  private final OperationStore store;
  private final OperationIds ids;
  private final Clock clock;
  private final Limits limits;
  private final Runner runner;

  // Guarded by this: what waits, in order; what runs; what ended and is being told of; what is
  // taken.
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private final Map<String, Running> running = new HashMap<>();
  private final Set<String> telling = new HashSet<>();
  private final Set<Subject> taken = new HashSet<>();
  private boolean stopping;

  /**
   * How much may run, and how long a stop may take.
   *
   * @param parallel how many of different sources, at least 1
   */
  public record Limits(int parallel, Duration stopWithin) {}

  private record Waiting(Operation operation, Work work) {}

  private record Running(Operation operation, OperationProgress progress, Thread thread) {}

  /** Starts with nothing to do; call {@link #recover} before the first order. */
  public OperationService(OperationStore store, OperationIds ids, Clock clock, Limits limits) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.limits = limits;
    runner = new Runner(store, clock);
  }

  /** Tells a listener of every operation that ended, after its end was recorded. */
  public void onEnd(Consumer<Operation> listener) {
    runner.onEnd(listener);
  }

  /**
   * Records what an earlier run of the service left unfinished, then lets others clean up after it.
   *
   * @param cleanups run in order, before any new work
   * @return how many operations were left unfinished
   */
  public int recover(List<Runnable> cleanups) {
    int found = 0;
    for (var state :
        List.of(OperationState.QUEUED, OperationState.RUNNING, OperationState.CANCELLING)) {
      var left =
          store.list(OperationStore.Filter.all().in(state), Optional.empty(), Integer.MAX_VALUE);
      for (Operation operation : left) {
        var failure =
            Runner.interrupted("The service ended without notice while this was " + state);
        boolean moved =
            store.fail(operation.id(), state, OperationState.INTERRUPTED, failure, now());
        if (moved) {
          LOG.warn("event=operation-interrupted id={} was={}", operation.id(), state);
          found++;
        }
      }
    }
    cleanups.forEach(Runnable::run);
    return found;
  }

  /**
   * Accepts work. It runs when its turn comes.
   *
   * @param key under which the same request may come again; it then gets the same operation
   * @throws PermanentException with code {@code IDEMPOTENCY_KEY_REUSED} if the key stood for
   *     something else, {@code SERVICE_STOPPING} if nothing is accepted any more
   */
  public synchronized Operation start(Order order, Optional<IdempotencyKey> key, Work work) {
    if (key.isPresent()) {
      Optional<Operation> before = answeredBefore(key.get());
      if (before.isPresent()) {
        return before.get();
      }
    }
    refuseWhenStopping();
    return accept(order, key, work);
  }

  /**
   * Accepts work unless the same is waiting or running already.
   *
   * @param reason noted with the work that is in the way
   * @return empty if something was in the way
   */
  public synchronized Optional<Operation> startUnlessBusy(Order order, String reason, Work work) {
    refuseWhenStopping();
    var inTheWay =
        Stream.concat(
                waiting.values().stream().map(Waiting::operation),
                running.values().stream().map(Running::operation))
            .filter(it -> isSame(it.order(), order))
            .findFirst();
    if (inTheWay.isPresent()) {
      store.addEvent(inTheWay.get().id(), now(), reason);
      return Optional.empty();
    }
    return Optional.of(accept(order, Optional.empty(), work));
  }

  private static boolean isSame(Order one, Order other) {
    return one.type() == other.type()
        && one.plan().equals(other.plan())
        && one.subject().equals(other.subject());
  }

  private Operation accept(Order order, Optional<IdempotencyKey> key, Work work) {
    var operation =
        new Operation(
            ids.next("op_"),
            order,
            OperationState.QUEUED,
            new Times(now(), Optional.empty(), Optional.empty()),
            List.of(),
            Optional.empty(),
            Optional.empty());
    store.insert(operation, key);
    waiting.put(operation.id(), new Waiting(operation, work));
    runWhatMay();
    return store.find(operation.id()).orElse(operation);
  }

  private Optional<Operation> answeredBefore(IdempotencyKey key) {
    return store
        .answered(key.requester(), key.key())
        .flatMap(answered -> {
          if (!answered.payloadSha256().equals(key.payloadSha256())) {
            throw new PermanentException(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "The idempotency key '" + key.key() + "' stood for another request before",
                "Use a new key for a new request.");
          }
          return find(answered.operation());
        });
  }

  private void refuseWhenStopping() {
    if (stopping) {
      throw new TransientException(
          ErrorCode.SERVICE_STOPPING, "The service is stopping", "Ask again once it is back.");
    }
  }

  /** Starts all that waits, for which there is a place, and whose source is free. */
  private void runWhatMay() {
    var next = waiting.values().iterator();
    while (next.hasNext() && !stopping) {
      Waiting turn = next.next();
      String id = turn.operation().id();
      Subject subject = turn.operation().order().subject();
      if (hasPlace(subject) && taken.add(subject)) {
        next.remove();
        var progress = new OperationProgress(id, store, clock);
        var thread =
            Thread.ofVirtual().name("operation-" + id).unstarted(() -> run(turn, progress));
        running.put(id, new Running(turn.operation(), progress, thread));
        thread.start();
      }
    }
  }

  private boolean hasPlace(Subject subject) {
    long repositories = taken.stream().filter(Subject.Repository.class::isInstance).count();
    return switch (subject) {
      case Subject.Source source -> taken.size() - repositories < limits.parallel();
      case Subject.Repository repository -> repositories == 0;
    };
  }

  private void run(Waiting turn, OperationProgress progress) {
    var operation = turn.operation();
    try {
      runner.run(operation, turn.work(), progress);
    } finally {
      release(operation);
    }
    try {
      runner.tell(operation.id());
    } finally {
      told(operation.id());
    }
  }

  /** Lets others have the place and the source; those who listen are told after that. */
  private synchronized void release(Operation operation) {
    running.remove(operation.id());
    telling.add(operation.id());
    taken.remove(operation.order().subject());
    runWhatMay();
  }

  private synchronized void told(String id) {
    telling.remove(id);
    notifyAll();
  }

  /** One operation, with its progress as of now. */
  public Optional<Operation> find(String id) {
    runningNow(id).ifPresent(it -> it.progress().save());
    return store.find(id);
  }

  /** An operation's events after the given number, in order. */
  public List<Event> events(String id, long after, int limit) {
    return store.events(id, after, limit);
  }

  /**
   * Asks an operation to stop. One that waits is cancelled at once; one that runs goes to
   * CANCELLING until it has cleaned up; one that ended stays as it is.
   *
   * @return the operation, or empty if there is none
   */
  public Optional<Operation> cancel(String id, String requestedBy) {
    String sentence = "Cancellation was requested by " + requestedBy;
    synchronized (this) {
      if (waiting.remove(id) != null) {
        store.move(id, OperationState.QUEUED, OperationState.CANCELLED, now(), sentence);
      }
    }
    runningNow(id)
        .ifPresent(it -> {
          // It may be about to begin: then it is still QUEUED, or has just left that state.
          boolean told =
              moved(id, OperationState.RUNNING, sentence)
                  || moved(id, OperationState.QUEUED, sentence)
                  || moved(id, OperationState.RUNNING, sentence);
          LOG.info("event=operation-cancel id={} by={} told={}", id, requestedBy, told);
          it.progress().cancel();
        });
    return store.find(id);
  }

  private boolean moved(String id, OperationState from, String sentence) {
    var to = from == OperationState.QUEUED ? OperationState.CANCELLED : OperationState.CANCELLING;
    return store.move(id, from, to, now(), sentence);
  }

  private synchronized Optional<Running> runningNow(String id) {
    return Optional.ofNullable(running.get(id));
  }

  /**
   * Accepts nothing more, asks what runs to stop, and waits for it as long as the limits say. What
   * still runs then is interrupted and recorded so.
   */
  @Override
  public void close() {
    List<Running> asked;
    synchronized (this) {
      if (stopping) {
        return;
      }
      stopping = true;
      for (var left : waiting.values()) {
        store.fail(
            left.operation().id(),
            OperationState.QUEUED,
            OperationState.INTERRUPTED,
            Runner.interrupted("The service was stopped before this began"),
            now());
      }
      waiting.clear();
      asked = new ArrayList<>(running.values());
    }
    asked.forEach(it -> it.progress().cancel());
    if (!awaitNothingRuns(limits.stopWithin())) {
      asked.forEach(it -> it.thread().interrupt());
      awaitNothingRuns(AFTER_INTERRUPT);
    }
    List<Running> stuck;
    synchronized (this) {
      stuck = new ArrayList<>(running.values());
    }
    for (var it : stuck) {
      LOG.warn("event=operation-stuck id={}", it.operation().id());
      var failure = Runner.interrupted("It did not stop in time when the service was stopped");
      for (var from : List.of(OperationState.RUNNING, OperationState.CANCELLING)) {
        store.fail(it.operation().id(), from, OperationState.INTERRUPTED, failure, now());
      }
    }
  }

  private synchronized boolean awaitNothingRuns(Duration atMost) {
    long deadlineNanos = System.nanoTime() + atMost.toNanos();
    try {
      while (!running.isEmpty() || !telling.isEmpty()) {
        long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
          return false;
        }
        wait(leftMs);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return running.isEmpty();
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
