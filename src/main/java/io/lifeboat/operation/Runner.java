package io.lifeboat.operation;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.operation.Operation.Failure;
import io.lifeboat.operation.Operation.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one operation's work on the calling thread, records how it ended, and tells who listens.
 * Thread-safe.
 */
final class Runner {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);
  private static final String AGAIN = "Start it again when you want its result.";
  private static final Failure CANCELLED =
      new Failure(
          ErrorCode.CANCELLED.name(), "It was cancelled, and cleaned up after itself", AGAIN);

  private final OperationStore store;
  private final Clock clock;
  private final List<Consumer<Operation>> listeners = new CopyOnWriteArrayList<>();

  Runner(OperationStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  void onEnd(Consumer<Operation> listener) {
    listeners.add(listener);
  }

  /** Why work that nobody cancelled did not come to its end. */
  static Failure interrupted(String fact) {
    return new Failure(ErrorCode.SERVICE_STOPPING.name(), fact, AGAIN);
  }

  /** Works, unless the operation was cancelled before it began. */
  void run(Operation operation, Work work, OperationProgress progress) {
    String id = operation.id();
    if (!store.move(id, OperationState.QUEUED, OperationState.RUNNING, now(), "Started")) {
      return;
    }
    var order = operation.order();
    LOG.info(
        "event=operation-started id={} type={} plan={} subject={} trigger={}",
        id,
        order.type(),
        order.plan().orElse("-"),
        order.subject().name(),
        order.trigger());
    end(id, outcomeOf(id, work, progress), progress);
  }

  /** Tells of the end; what a listener breaks ends here. */
  void tell(String id) {
    try {
      var ended = store.find(id).orElseThrow();
      var times = ended.times();
      LOG.info(
          "event=operation-ended id={} type={} subject={} state={} code={} seconds={}",
          id,
          ended.order().type(),
          ended.order().subject().name(),
          ended.state(),
          ended.failure().map(Failure::code).orElse("-"),
          Duration.between(times.started().orElse(times.created()), now()).toMillis() / 1000.0);
      listeners.forEach(listener -> listener.accept(ended));
    } catch (RuntimeException e) {
      LOG.error("event=listener-broken id={}", id, e);
    }
  }

  /** What an engine's run came to. */
  private sealed interface Ending {
    record Answered(Outcome outcome) implements Ending {}

    record Stopped() implements Ending {}

    record Broken(Failure failure) implements Ending {}
  }

  private static Ending outcomeOf(String id, Work work, OperationProgress progress) {
    try {
      return new Ending.Answered(work.run(id, progress));
    } catch (LifeboatException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        return new Ending.Stopped();
      }
      LOG.warn(
          "event=operation-failed id={} code={} message={} hint={}",
          id,
          e.code(),
          e.getMessage(),
          e.hint());
      LOG.debug("event=operation-failed id={}", id, e);
      return new Ending.Broken(
          new Failure(e.code().name(), String.valueOf(e.getMessage()), e.hint()));
    } catch (RuntimeException | Error e) {
      // Whatever an engine throws ends its own operation only, and is told once, here.
      LOG.error("event=operation-broken id={}", id, e);
      return new Ending.Broken(
          new Failure(
              ErrorCode.INTERNAL.name(),
              "An error that Lifeboat does not know: " + e,
              "Look for operation " + id + " in the log, and report it."));
    }
  }

  private void end(String id, Ending ending, OperationProgress progress) {
    progress.save();
    // A cancellation may come between reading the state and writing the end: then once more.
    OperationState state = stateOf(id);
    while (!state.isFinal() && !record(id, state, ending)) {
      state = stateOf(id);
    }
  }

  private boolean record(String id, OperationState state, Ending ending) {
    return switch (ending) {
      case Ending.Answered(Outcome outcome) -> {
        OperationState end =
            outcome.failure().isPresent() ? OperationState.FAILED : OperationState.SUCCEEDED;
        yield store.answer(id, state, end, outcome, now());
      }
      case Ending.Broken(Failure failure) ->
          store.fail(id, state, OperationState.FAILED, failure, now());
      case Ending.Stopped stopped ->
          state == OperationState.CANCELLING
              ? store.fail(id, state, OperationState.CANCELLED, CANCELLED, now())
              : store.fail(
                  id,
                  state,
                  OperationState.INTERRUPTED,
                  interrupted("The service was stopped"),
                  now());
    };
  }

  private OperationState stateOf(String id) {
    return store.find(id).map(Operation::state).orElse(OperationState.INTERRUPTED);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
