package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;
import org.postgresql.core.PGStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of one session, one after the other: {@code type byte || int32 length || body}, the
 * length counting itself. Notices are passed on, errors thrown. Between messages it listens whether
 * somebody cancels. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message
 *     formats</a>
 */
final class ServerMessages {
  private static final Logger LOG = LoggerFactory.getLogger(ServerMessages.class);

  /** How often it looks up from a silent connection. */
  private static final int GLANCE_MILLIS = 500;

  /** A message that has begun goes on within this time, or its sender is gone. */
  private static final int STALL_MILLIS = 60_000;

  /** A checkpoint of a large, busy server may take its time before the first byte. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

  private static final int MAX_NOTICES = 20;
  private static final int COPY_BYTES = 64 << 10;

  private final PGStream stream;
  private final PostgresAddress address;
  private final ReplicationPurpose purpose;
  private final Progress progress;
  private String command = "the session";
  private int remainingBytes;
  private int notices;

  ServerMessages(
      PGStream stream, PostgresAddress address, ReplicationPurpose purpose, Progress progress) {
    this.stream = stream;
    this.address = address;
    this.purpose = purpose;
    this.progress = progress;
  }

  /** Sends one simple query; {@code name} is what failures call it. */
  void query(String name, String text) {
    command = name;
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try {
      stream.sendChar('Q');
      stream.sendInteger4(4 + body.length + 1);
      stream.send(body);
      stream.sendChar(0);
      stream.flush();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /**
   * Sends bytes for a command that copies from here, and that there are no more.
   *
   * @param name what failures call it
   */
  void copy(String name, byte[] bytes) {
    command = name;
    for (int at = 0; at < bytes.length; at += COPY_BYTES) {
      copyData(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + COPY_BYTES)));
    }
    copyDone();
  }

  /** Sends one message of the copy that runs. */
  void copyData(byte[] body) {
    send('d', body);
  }

  /** Ends our side of the copy that runs. */
  void copyDone() {
    send('c', new byte[0]);
  }

  private void send(char type, byte[] body) {
    try {
      stream.sendChar(type);
      stream.sendInteger4(4 + body.length);
      stream.send(body);
      stream.flush();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /**
   * Whether the next message begins to arrive within this time.
   *
   * @param millis at least 1
   */
  boolean arrivesWithin(int millis) {
    skipRest();
    try {
      stream.setNetworkTimeout(millis);
      stream.peekChar();
      return true;
    } catch (SocketTimeoutException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(e);
      }
      return false;
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /** The type of the next message other than notices, parameters and notifications. */
  char next() {
    return nextOr(error -> false);
  }

  /** The same; an error that is tolerated is a message, too: {@code 'E'}. */
  char nextOr(Predicate<ServerError> tolerated) {
    while (true) {
      skipRest();
      char type = await();
      try {
        stream.setNetworkTimeout(STALL_MILLIS);
        int length = stream.receiveInteger4();
        if (length < 4) {
          throw new EOFException("a message of impossible length " + length);
        }
        remainingBytes = length - 4;
      } catch (IOException e) {
        throw lost(e);
      }
      switch (type) {
        case 'E' -> {
          ServerError error = ServerError.parse(rest());
          if (!tolerated.test(error)) {
            throw error.failure(address, purpose, command);
          }
          return type;
        }
        case 'N' -> pass(ServerError.parse(rest()));
        case 'S', 'A' -> skipRest();
        default -> {
          return type;
        }
      }
    }
  }

  /** The next message, which must be of this type. */
  void expect(char type) {
    char found = next();
    if (found != type) {
      throw unexpected("message '" + found + "' where '" + type + "' belongs");
    }
  }

  /** How much of the current message's body was not read yet. */
  int remainingBytes() {
    return remainingBytes;
  }

  /** Reads from the current message's body, up to its end: 0 if nothing is left. */
  int read(byte[] buffer, int offset, int lengthBytes) {
    int wanted = Math.min(lengthBytes, remainingBytes);
    if (wanted > 0) {
      try {
        stream.receive(buffer, offset, wanted);
      } catch (IOException e) {
        throw lost(e);
      }
      remainingBytes -= wanted;
    }
    return wanted;
  }

  /** The first byte of what is left of the body. */
  byte readByte() {
    byte[] one = new byte[1];
    if (read(one, 0, 1) != 1) {
      throw unexpected("a message that ends too early");
    }
    return one[0];
  }

  /** All that is left of the body. */
  byte[] rest() {
    byte[] body = new byte[remainingBytes];
    read(body, 0, body.length);
    return body;
  }

  private void skipRest() {
    if (remainingBytes > 0) {
      try {
        stream.skip(remainingBytes);
      } catch (IOException e) {
        throw lost(e);
      }
      remainingBytes = 0;
    }
  }

  private char await() {
    long startNanos = System.nanoTime();
    while (true) {
      try {
        stream.setNetworkTimeout(GLANCE_MILLIS);
        return (char) stream.receiveChar();
      } catch (SocketTimeoutException e) {
        progress.checkCancelled();
        if (Thread.currentThread().isInterrupted()) {
          throw interrupted(e);
        }
        if (System.nanoTime() - startNanos > LONGEST_SILENCE.toNanos()) {
          throw lost(e);
        }
      } catch (IOException e) {
        throw lost(e);
      }
    }
  }

  private void pass(ServerError notice) {
    LOG.debug("server=notice severity={} message={}", notice.severity(), notice.message());
    if ("WARNING".equals(notice.severity()) && notices++ < MAX_NOTICES) {
      progress.event("PostgreSQL warns: " + notice.sentence());
    }
  }

  /** The server spoke another language than the protocol's. */
  PermanentException unexpected(String what) {
    return new PermanentException(
        purpose.code(),
        "PostgreSQL at " + address.place() + " answered " + command + " with " + what,
        purpose.consequence()
            + " Name the server itself in the url, not a pooler or proxy in front of it.");
  }

  private LifeboatException lost(IOException e) {
    if (Thread.currentThread().isInterrupted()) {
      return interrupted(e);
    }
    return new TransientException(
        purpose.code(),
        "The connection to PostgreSQL at "
            + address.place()
            + " broke during "
            + command
            + ": "
            + ConnectionFailures.sentence(e),
        purpose.consequence() + " " + purpose.advice(),
        e);
  }

  /** The thread's flag is still set: whoever runs it sees it too. */
  private PermanentException interrupted(IOException e) {
    return new PermanentException(
        ErrorCode.CANCELLED, purpose.work() + " was interrupted", "Run it again.", e);
  }
}
