package io.lifeboat.postgres;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The one copy stream of {@code BASE_BACKUP}, taken apart: archives one after the other, the
 * manifest last. Each CopyData message is {@code kind byte || …}, with kinds {@code n} (an archive
 * begins: {@code name || 0 || location || 0}), {@code m} (the manifest begins), {@code d} (bytes of
 * either) and {@code p} (how far the server is). Everything is pulled on the caller's thread.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-BASE-BACKUP">BASE_BACKUP</a>
 */
final class BackupStream {
  private static final char COPY_DONE = 'c';

  private final ServerMessages messages;
  private char pending;

  /** Reads from right behind the CopyOutResponse. */
  BackupStream(ServerMessages messages) {
    this.messages = messages;
  }

  /** What comes next in the stream. */
  sealed interface Part {
    /**
     * A tar archive.
     *
     * @param name {@code base.tar} or {@code <oid>.tar}
     * @param location the tablespace's path on the server, empty for the data directory
     */
    record Archive(String name, String location) implements Part {}

    /** The manifest. */
    record Manifest() implements Part {}

    /** Nothing. */
    record End() implements Part {}
  }

  /** Moves on. The part before must have been read to its end. */
  Part next() {
    if (fill()) {
      throw messages.unexpected("bytes that belong to no archive");
    }
    char kind = pending;
    return switch (kind) {
      case 'n' -> {
        String[] texts = new String(messages.rest(), StandardCharsets.UTF_8).split("\0", -1);
        if (texts.length < 2) {
          throw messages.unexpected("an archive without a name");
        }
        pending = 0;
        yield new Part.Archive(texts[0], texts[1]);
      }
      case 'm' -> {
        pending = 0;
        yield new Part.Manifest();
      }
      default -> new Part.End();
    };
  }

  /** The current part's bytes. */
  PartContent content() {
    return new PartContent();
  }

  /** Whether bytes of the current part are there to be read; if not, another part or the end is. */
  private boolean fill() {
    while (pending == 0 && messages.remainingBytes() == 0) {
      char type = messages.next();
      if (type == COPY_DONE) {
        pending = COPY_DONE;
      } else if (type == 'd') {
        char kind = (char) messages.readByte();
        switch (kind) {
          case 'd' -> {}
          case 'n', 'm' -> pending = kind;
          case 'p' -> messages.rest();
          default -> throw messages.unexpected("a copy message of kind '" + kind + "'");
        }
      } else {
        throw messages.unexpected("message '" + type + "' within the copy");
      }
    }
    return pending == 0;
  }

  /** Ends where the part ends, and knows how many zeros it ended with. */
  final class PartContent extends InputStream {
    /** How much of the end is remembered: a tar archive ends with two blocks of zeros. */
    static final int TERMINATOR_BYTES = 1024;

    private int trailingZeros;

    private PartContent() {}

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, buffer.length);
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int got = messages.read(buffer, offset, length);
      int zeros = 0;
      while (zeros < Math.min(got, TERMINATOR_BYTES) && buffer[offset + got - 1 - zeros] == 0) {
        zeros++;
      }
      trailingZeros = zeros == got ? Math.min(trailingZeros + zeros, TERMINATOR_BYTES) : zeros;
      return got;
    }

    @Override
    public int available() {
      return pending == 0 ? messages.remainingBytes() : 0;
    }

    /** Whether what was read so far ends as every whole tar archive does. */
    boolean endedWithTerminator() {
      return trailingZeros >= TERMINATOR_BYTES;
    }
  }
}
