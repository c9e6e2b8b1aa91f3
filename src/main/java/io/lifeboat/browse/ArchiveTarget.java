package io.lifeboat.browse;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes what is restored to a stream, as one archive, while it is read: nothing is staged. An
 * archive that failed has no end, so that no program takes it for a whole one. The stream is not
 * closed.
 */
abstract class ArchiveTarget implements RestoreTarget {
  private static final byte[] ZEROS = new byte[64 * 1024];

  /** Begins an entry with contents of the size that the node has. */
  abstract void begin(RestorePath path, Node.RegularFile node) throws IOException;

  /** Where an entry's contents go. */
  abstract OutputStream contents();

  /** Ends an entry of this size. */
  abstract void end(long sizeBytes) throws IOException;

  abstract void folder(RestorePath path, Attributes attributes) throws IOException;

  abstract void link(RestorePath path, Node.Symlink node) throws IOException;

  abstract void otherName(RestorePath path, RestorePath first) throws IOException;

  /** Ends the archive. */
  abstract void finish() throws IOException;

  private interface Writing {
    void run() throws IOException;
  }

  private static void write(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The output could not be written: " + e.getMessage(),
          "What was written has no end and is of no use: look at who reads it, or at the space of"
              + " its disk.",
          e);
    }
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    if (!path.components().isEmpty()) {
      write(() -> folder(path, attributes));
    }
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath first) {
    write(() -> otherName(path, first));
    return true;
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    write(() -> link(path, node));
  }

  @Override
  public void commit() {
    write(this::finish);
  }

  @Override
  public void close() {}

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    write(() -> begin(path, node));
    return new FileWriter() {
      private long taken;

      @Override
      public void write(ByteBuffer bytes) {
        byte[] copy = new byte[Math.min(bytes.remaining(), ZEROS.length)];
        while (bytes.hasRemaining()) {
          int part = Math.min(bytes.remaining(), copy.length);
          bytes.get(copy, 0, part);
          take(copy, part);
        }
      }

      @Override
      public void hole(long lengthBytes) {
        for (long left = lengthBytes; left > 0; left -= ZEROS.length) {
          take(ZEROS, (int) Math.min(left, ZEROS.length));
        }
      }

      private void take(byte[] bytes, int length) {
        taken += length;
        ArchiveTarget.write(() -> contents().write(bytes, 0, length));
      }

      @Override
      public void complete() {
        ArchiveTarget.write(() -> end(taken));
      }

      @Override
      public void close() {}
    };
  }
}
