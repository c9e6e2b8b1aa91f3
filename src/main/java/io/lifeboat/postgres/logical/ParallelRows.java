package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads tables with several {@code COPY} at once, all in one snapshot, and hands their parts to one
 * thread. Small tables are read by one reader in the order given, so that the same neighbours share
 * chunks each time; the others take the large ones, the largest first. Holds at most two parts per
 * reader. The first reader that fails ends all of them.
 */
public final class ParallelRows implements AutoCloseable {
  private static final long SMALL_BYTES = 1 << 20;
  private static final long POLL_MILLIS = 200;

  private final DatabaseSnapshot snapshot;
  private final BlockingQueue<Event> events;
  private final Queue<Reading> small = new ConcurrentLinkedQueue<>();
  private final Queue<Reading> large = new ConcurrentLinkedQueue<>();
  private final List<Reader> readers = new ArrayList<>();
  private int running;

  /**
   * Something to read.
   *
   * @param number names it in the answers
   * @param what for messages
   * @param copy {@code COPY … TO STDOUT}
   * @param bytes about how many
   */
  public record Reading(int number, String what, String copy, long bytes) {}

  private static final int OBJECT_PIECE_BYTES = 256 << 10;

  /**
   * Contents of large objects, as rows of oid, position and bytes. Nobody but a superuser may read
   * the table that holds them; functions ask for each object's own right. An open object's size is
   * asked for, and it is closed at once.
   */
  public static Reading largeObjects(int number) {
    String query =
        "SELECT m.oid, g.at, lo_get(m.oid, g.at, "
            + OBJECT_PIECE_BYTES
            + ") FROM (SELECT oid FROM pg_largeobject_metadata ORDER BY oid) m,"
            + " LATERAL (SELECT lo_open(m.oid, x'40000'::int) AS fd OFFSET 0) o,"
            + " LATERAL (SELECT lo_lseek64(o.fd, 0, 2) AS bytes, lo_close(o.fd) AS closed"
            + " OFFSET 0) s,"
            + " LATERAL generate_series(0, s.bytes - 1, "
            + OBJECT_PIECE_BYTES
            + ") g(at)";
    return new Reading(number, "large objects", "COPY (" + query + ") TO STDOUT", 2 * SMALL_BYTES);
  }

  /** What comes of it. */
  public sealed interface Event {
    /**
     * The next part of a table. The array has more room than the part's length.
     *
     * @param alone whether it is too much of a table to lie in a chunk with others
     */
    record Part(int number, byte[] bytes, int lengthBytes, boolean alone) implements Event {}

    /** A table was read to its end. */
    record Whole(int number, long rows) implements Event {}

    /** All tables were. */
    record End() implements Event {}

    /** A reader could not go on. */
    record Failed(LifeboatException problem) implements Event {}
  }

  /**
   * Begins to read.
   *
   * @param jobs how many readers
   */
  public ParallelRows(DatabaseSnapshot snapshot, List<Reading> readings, int jobs) {
    this.snapshot = snapshot;
    this.events = new ArrayBlockingQueue<>(jobs);
    readings.stream().filter(reading -> reading.bytes() <= SMALL_BYTES).forEach(small::add);
    readings.stream()
        .filter(reading -> reading.bytes() > SMALL_BYTES)
        .sorted(Comparator.comparingLong(Reading::bytes).reversed())
        .forEach(large::add);
    for (int i = 0; i < jobs; i++) {
      var reader = new Reader(i == 0);
      readers.add(reader);
      running++;
    }
    readers.forEach(reader -> reader.thread.start());
  }

  /**
   * What comes next; waits for it.
   *
   * @throws LifeboatException what a reader failed with, {@code CANCELLED}
   */
  public Event next(Progress progress) {
    try {
      while (true) {
        progress.checkCancelled();
        Event event = events.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (event instanceof Event.Failed failed) {
          throw failed.problem();
        }
        if (event instanceof Event.End end) {
          running--;
          if (running == 0) {
            return end;
          }
        } else if (event != null) {
          return event;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The dump was interrupted", "Start it again.", e);
    }
  }

  /** Ends the readers, wherever they are, and waits for that. */
  @Override
  public void close() {
    readers.forEach(Reader::end);
    boolean interrupted = false;
    for (Reader reader : readers) {
      while (reader.thread.isAlive()) {
        try {
          reader.thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One connection and its thread. */
  private final class Reader {
    private final boolean takesSmall;
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private volatile boolean ending;
    private volatile Optional<Connection> open = Optional.empty();

    Reader(boolean takesSmall) {
      this.takesSmall = takesSmall;
    }

    private void run() {
      try {
        try (Connection connection = snapshot.join()) {
          open = Optional.of(connection);
          for (var next = take(); next.isPresent() && !ending; next = take()) {
            read(connection, next.get());
          }
        }
        events.put(new Event.End());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // only close() does that, and hears no more
      } catch (LifeboatException e) {
        fail(e);
      } catch (SQLException e) {
        fail(snapshot.failure("connection", e));
      } catch (RuntimeException | Error e) {
        fail(
            new TransientException(
                ErrorCode.DUMP_FAILED,
                "A reader of rows failed: " + e,
                "Take the backup again; with less memory than data in one row, raise the memory.",
                e));
      }
    }

    private Optional<Reading> take() {
      Optional<Reading> next = takesSmall ? Optional.ofNullable(small.poll()) : Optional.empty();
      return next.or(() -> Optional.ofNullable(large.poll()));
    }

    private void read(Connection connection, Reading reading) throws InterruptedException {
      try {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(reading.copy());
        var parts =
            new RowParts((bytes, length) ->
                events.put(
                    new Event.Part(
                        reading.number(), bytes, length, reading.bytes() > SMALL_BYTES)));
        for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
          parts.add(row);
        }
        parts.flush();
        events.put(new Event.Whole(reading.number(), copy.getHandledRowCount()));
      } catch (SQLException e) {
        if (!ending) {
          throw snapshot.failure(reading.what(), e);
        }
      }
    }

    private void fail(LifeboatException problem) {
      try {
        events.put(new Event.Failed(problem));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // somebody else has failed before
      }
    }

    /** The server ends a COPY when its connection is gone. */
    private void end() {
      ending = true;
      open.ifPresent(connection -> {
        try {
          connection.abort(Runnable::run);
        } catch (SQLException e) {
          thread.interrupt(); // it was closed already
        }
      });
      thread.interrupt();
    }
  }
}
