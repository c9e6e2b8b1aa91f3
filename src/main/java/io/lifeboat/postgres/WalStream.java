package io.lifeboat.postgres;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * WAL as a server sends it, and what it is told in return. The caller pulls; nothing is answered by
 * itself: who does not call {@link #acknowledge} for longer than the server's {@code
 * wal_sender_timeout} is cut off.
 *
 * <pre>
 * server: 'w' || start(8) || server's end(8) || time(8) || bytes   |   'k' || sent up to(8) || time(8) || reply wanted(1)
 * we:     'r' || written(8) || flushed(8) || applied(8) || time(8) || reply wanted(1)
 * </pre>
 *
 * Times are microseconds since 2000. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming
 *     replication protocol</a>
 */
public final class WalStream {
  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int NUMBERS_BYTES = 8 + 8 + 8;
  private static final int KEEPALIVE_BYTES = 8 + 8 + 1;
  private static final int STATUS_BYTES = 1 + 8 + 8 + 8 + 8 + 1;

  private final ReplicationConnection connection;
  private final ServerMessages messages;
  private boolean endsAtOnce;

  private WalStream(ReplicationConnection connection, ServerMessages messages, boolean endsAtOnce) {
    this.connection = connection;
    this.messages = messages;
    this.endsAtOnce = endsAtOnce;
  }

  /** What can come. */
  public sealed interface Message {
    /**
     * Some WAL.
     *
     * @param start where the first byte belongs
     * @param serverEnd up to where the server had WAL to send at that time
     * @param sentAt by the server's clock
     */
    record Data(Lsn start, Lsn serverEnd, Instant sentAt, byte[] bytes) implements Message {}

    /**
     * A sign of life.
     *
     * @param sentUpTo all before this was sent
     * @param replyWanted whether the server wants to be told at once how far we are
     */
    record Keepalive(Lsn sentUpTo, Instant sentAt, boolean replyWanted) implements Message {}

    /**
     * The timeline has no more; the session can be used for the next command.
     *
     * @param next the timeline that goes on
     * @param switchedAt where it does
     */
    record TimelineEnd(int next, Lsn switchedAt) implements Message {}

    /** The server ends the session, because it shuts down. */
    record Shutdown() implements Message {}

    /** Nothing came in time. */
    record Silence() implements Message {}
  }

  /** Reads the answer to {@code START_REPLICATION}. */
  static WalStream begin(ReplicationConnection connection, ServerMessages messages) {
    char type = messages.next();
    // A start that is the end of its timeline is answered with what comes next, and no copy.
    if (type != 'W' && type != 'T') {
      throw messages.unexpected("message '" + type + "' where a copy begins");
    }
    return new WalStream(connection, messages, type == 'T');
  }

  /** What comes within this time. */
  public Message next(Duration within) {
    if (endsAtOnce) {
      endsAtOnce = false;
      return end(connection.readRows());
    }
    if (!messages.arrivesWithin(Math.toIntExact(Math.max(1, within.toMillis())))) {
      return new Message.Silence();
    }
    char type = messages.next();
    return switch (type) {
      case 'd' -> copied();
      case 'c' -> {
        messages.copyDone();
        yield end(connection.readTable());
      }
      case 'C' -> new Message.Shutdown();
      default -> throw messages.unexpected("message '" + type + "' within the stream");
    };
  }

  private Message copied() {
    char kind = (char) messages.readByte();
    return switch (kind) {
      case 'w' -> {
        ByteBuffer numbers = numbers(NUMBERS_BYTES);
        yield new Message.Data(
            new Lsn(numbers.getLong()),
            new Lsn(numbers.getLong()),
            time(numbers.getLong()),
            messages.rest());
      }
      case 'k' -> {
        ByteBuffer numbers = numbers(KEEPALIVE_BYTES);
        yield new Message.Keepalive(
            new Lsn(numbers.getLong()), time(numbers.getLong()), numbers.get() != 0);
      }
      default -> throw messages.unexpected("a copy message of kind '" + kind + "'");
    };
  }

  private ByteBuffer numbers(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    if (messages.read(bytes, 0, lengthBytes) != lengthBytes) {
      throw messages.unexpected("a copy message that ends too early");
    }
    return ByteBuffer.wrap(bytes);
  }

  private Message end(List<List<String>> rows) {
    if (rows.size() != 1 || rows.getFirst().size() != 2) {
      throw messages.unexpected("no next timeline at the end of one");
    }
    connection.finishOr("");
    List<String> row = rows.getFirst();
    return new Message.TimelineEnd(Integer.parseInt(row.get(0)), Lsn.parse(row.get(1)));
  }

  /**
   * Tells the server how far we are.
   *
   * @param flushed the server may remove what is before this; position 0 says nothing of it
   * @param replyWanted whether the server shall answer with a {@link Message.Keepalive} at once
   */
  public void acknowledge(Lsn written, Lsn flushed, Instant now, boolean replyWanted) {
    messages.copyData(
        ByteBuffer.allocate(STATUS_BYTES)
            .put((byte) 'r')
            .putLong(written.position())
            .putLong(flushed.position())
            .putLong(0)
            .putLong(ChronoUnit.MICROS.between(EPOCH, now))
            .put((byte) (replyWanted ? 1 : 0))
            .array());
  }

  private static Instant time(long micros) {
    return EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
