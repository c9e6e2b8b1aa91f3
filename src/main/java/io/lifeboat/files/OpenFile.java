package io.lifeboat.files;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/**
 * A file that is being read: as many bytes as it had before it was opened, however fast it grows.
 */
public final class OpenFile implements AutoCloseable {
  /** How a pass over the contents ended. */
  public enum Outcome {
    /** The file was the same before and after. */
    UNCHANGED,
    /** It was written to meanwhile: what was read may never have been in it at any one moment. */
    CHANGED,
    /** It could not be read to its end: not to be kept. */
    FAILED
  }

  private static final int BLOCK_BYTES = 4 * SparseSink.HOLE_BYTES;

  private final FileEntry.RegularFile entry;
  private final FileChannel channel;
  private final UnixLook look;
  private final Warnings warnings;
  private final Progress progress;

  OpenFile(
      FileEntry.RegularFile entry,
      FileChannel channel,
      UnixLook look,
      Warnings warnings,
      Progress progress) {
    this.entry = entry;
    this.channel = channel;
    this.look = look;
    this.warnings = warnings;
    this.progress = progress;
  }

  /**
   * The file as it was before it was opened. These attributes belong into the snapshot: they are
   * older than the contents, so a later change always shows.
   */
  public FileEntry.RegularFile entry() {
    return entry;
  }

  /** Reads the contents once. Anything but {@link Outcome#UNCHANGED} has added a warning. */
  public Outcome copyTo(ContentSink sink) {
    try {
      long copiedBytes = copy(sink);
      if (copiedBytes == entry.sizeBytes() && isAsItWas()) {
        return Outcome.UNCHANGED;
      }
      warnings.add("Changed while it was read: " + entry.path());
      return Outcome.CHANGED;
    } catch (ClosedByInterruptException e) {
      throw new PermanentException(
          ErrorCode.CANCELLED, "Interrupted while reading " + entry.path(), "Start again.", e);
    } catch (IOException e) {
      warnings.add("Left out " + entry.path() + ": reading it failed: " + Unreadable.reason(e));
      return Outcome.FAILED;
    }
  }

  private long copy(ContentSink sink) throws IOException {
    byte[] block = new byte[(int) Math.min(BLOCK_BYTES, Math.max(1, entry.sizeBytes()))];
    var sparse = new SparseSink(sink);
    long copiedBytes = 0;
    while (copiedBytes < entry.sizeBytes()) {
      progress.checkCancelled();
      int lengthBytes = fill(block, (int) Math.min(block.length, entry.sizeBytes() - copiedBytes));
      if (lengthBytes == 0) {
        break;
      }
      sparse.write(block, lengthBytes);
      copiedBytes += lengthBytes;
    }
    sparse.end();
    return copiedBytes;
  }

  /** Reads so many bytes, or up to the file's end. */
  private int fill(byte[] block, int wantedBytes) throws IOException {
    var buffer = ByteBuffer.wrap(block, 0, wantedBytes);
    int readBytes = 0;
    while (buffer.hasRemaining() && readBytes >= 0) {
      readBytes = channel.read(buffer);
    }
    return buffer.position();
  }

  private boolean isAsItWas() throws IOException {
    Optional<FileEntry.RegularFile> now;
    try {
      now = look.again(entry);
    } catch (NoSuchFileException e) {
      return false; // removed after it was opened; its bytes were there until the end
    }
    return now.isPresent()
        && now.get().identity().equals(entry.identity())
        && now.get().sizeBytes() == entry.sizeBytes()
        && now.get().attributes().modifiedAt().equals(entry.attributes().modifiedAt())
        && now.get().changedAt().equals(entry.changedAt());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // All that was to be read has been read.
      warnings.add("Closing " + entry.path() + " failed: " + Unreadable.reason(e));
    }
  }
}
