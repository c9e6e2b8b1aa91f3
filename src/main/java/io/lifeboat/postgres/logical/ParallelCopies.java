package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Loads parts of rows by several connections, opened with the first part. Holds at most two parts
 * per connection. Called by one thread.
 */
final class ParallelCopies implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  private final PostgresServer server;
  private final int jobs;
  private final LoadCancellation cancellation;
  private final BlockingQueue<Part> parts;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Name, Long> taken = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<LoadProblem> problems = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Optional<LifeboatException>> broken =
      new AtomicReference<>(Optional.empty());
  private volatile boolean complete;

  /**
   * A part.
   *
   * @param table whose; contents of large objects, if empty
   */
  record Part(Optional<DatabaseContents.Table> table, byte[] bytes, int lengthBytes) {}

  ParallelCopies(PostgresServer server, int jobs, LoadCancellation cancellation) {
    this.server = server;
    this.jobs = jobs;
    this.cancellation = cancellation;
    this.parts = new ArrayBlockingQueue<>(jobs);
  }

  /** How many rows the server took, by the table they were loaded into. */
  Map<Name, Long> taken() {
    return Map.copyOf(taken);
  }

  /** What was refused since this was last asked for. */
  List<LoadProblem> problems() {
    var found = new ArrayList<LoadProblem>();
    for (LoadProblem next = problems.poll(); next != null; next = problems.poll()) {
      found.add(next);
    }
    return found;
  }

  void add(Part part) {
    while (threads.size() < jobs) {
      threads.add(Thread.ofVirtual().start(this::work));
    }
    try {
      do {
        check();
      } while (!parts.offer(part, POLL_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void check() {
    cancellation.check();
    broken
        .get()
        .ifPresent(problem -> {
          throw problem;
        });
  }

  /** Waits until all parts are loaded, and closes the connections. */
  void await() {
    complete = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    threads.clear();
    check();
  }

  private void work() {
    try (LoadSession session = LoadSession.open(server)) {
      cancellation.add(session);
      try {
        while (broken.get().isEmpty()) {
          Part part = parts.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
          if (part != null) {
            cancellation.check();
            load(session, part);
          } else if (complete) {
            return;
          }
        }
      } finally {
        cancellation.remove(session);
      }
    } catch (LifeboatException e) {
      broken.set(Optional.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // by close()
    } catch (RuntimeException | Error e) {
      broken.set(
          Optional.of(
              new PermanentException(
                  ErrorCode.INTERNAL, "Rows were not loaded: " + e, "Report this.", e)));
    }
  }

  private void load(LoadSession session, Part part) {
    String sql = part.table().map(table -> table.copyIn("STDIN")).orElse("large objects");
    try {
      if (part.table().isPresent()) {
        long rows = session.copy(sql, part.bytes(), part.lengthBytes());
        taken.merge(part.table().get().target(), rows, Long::sum);
      } else {
        session.largeObjects(part.bytes(), part.lengthBytes());
      }
    } catch (SQLException e) {
      cancellation.check();
      String state = e.getSQLState() == null ? "" : e.getSQLState();
      if (state.isEmpty() || state.startsWith("08") || state.startsWith("57P")) {
        throw server.failure(e);
      }
      problems.add(LoadProblem.of(state, String.valueOf(e.getMessage()), sql));
    }
  }

  private static PermanentException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new PermanentException(
        ErrorCode.CANCELLED, "The load was interrupted", "Drop the database; load again.", e);
  }

  @Override
  public void close() {
    complete = true;
    parts.clear();
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
