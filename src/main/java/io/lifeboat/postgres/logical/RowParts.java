package io.lifeboat.postgres.logical;

import java.util.Arrays;

/**
 * Cuts rows, as {@code COPY} writes them, into parts of a few megabytes at the ends of rows. Where
 * a part ends is up to the rows themselves: rows that are added or gone change the part they are in
 * and those beside it, and the parts after them are as they were. Not thread-safe.
 */
public final class RowParts {
  /** No part is shorter but the last one. */
  static final int LEAST_BYTES = 8 << 20;

  /** No part is longer but one whose last row is. */
  static final int MOST_BYTES = 16 << 20;

  private static final int ONE_ROW_IN = 1 << 8;
  private static final int FIRST_BYTES = 64 << 10;

  private final Sink sink;
  private byte[] bytes = new byte[FIRST_BYTES];
  private int lengthBytes;

  /** Takes parts. */
  @FunctionalInterface
  interface Sink {
    /** One part; the array is the sink's now, and has more room than the part's length. */
    void part(byte[] bytes, int lengthBytes) throws InterruptedException;
  }

  RowParts(Sink sink) {
    this.sink = sink;
  }

  /** The next message of the server: one row, with its line feed. */
  void add(byte[] message) throws InterruptedException {
    if (message.length > bytes.length - lengthBytes) {
      bytes = Arrays.copyOf(bytes, room(lengthBytes + (long) message.length));
    }
    System.arraycopy(message, 0, bytes, lengthBytes, message.length);
    lengthBytes += message.length;
    boolean ended = message.length > 0 && message[message.length - 1] == '\n';
    boolean mayEnd = lengthBytes >= LEAST_BYTES && Arrays.hashCode(message) % ONE_ROW_IN == 0;
    if (ended && (mayEnd || lengthBytes >= MOST_BYTES)) {
      flush();
    }
  }

  private int room(long neededBytes) {
    long doubled = Math.min(2L * bytes.length, MOST_BYTES + (1L << 20));
    return Math.toIntExact(Math.min(Math.max(doubled, neededBytes), Integer.MAX_VALUE - 8));
  }

  /** Hands over what is left; nothing, if nothing is. */
  void flush() throws InterruptedException {
    if (lengthBytes > 0) {
      sink.part(bytes, lengthBytes);
      bytes = new byte[FIRST_BYTES];
      lengthBytes = 0;
    }
  }
}
