package io.lifeboat.backup;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Writes what {@link CachedFiles} reads, entry by entry, so that nothing piles up in memory.
 * Closing without {@link #publish} leaves nothing. Not thread-safe.
 */
final class CachedFilesWriter implements Closeable {
  private final Path temporary;
  private final FileChannel channel;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer block = ByteBuffer.allocate(256 << 10);
  private int entries;

  /** Begins a file under a temporary name, over what an interrupted run may have left there. */
  CachedFilesWriter(Path temporary) throws IOException {
    this.temporary = temporary;
    this.channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    block.putLong(CachedFiles.MAGIC);
  }

  void append(ByteBuffer entry) throws IOException {
    put(entry.duplicate());
    entries++;
  }

  private void put(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (!block.hasRemaining()) {
        flush();
      }
      int length = Math.min(bytes.remaining(), block.remaining());
      block.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
    }
  }

  private void flush() throws IOException {
    block.flip();
    checksum.update(block.duplicate());
    while (block.hasRemaining()) {
      channel.write(block);
    }
    block.clear();
  }

  /** Ends the file and gives it its name, in place of what had that before. */
  void publish(Path file) throws IOException {
    put(ByteBuffer.allocate(Integer.BYTES).putInt(entries).flip());
    flush();
    block.putInt((int) checksum.getValue());
    flush();
    channel.close();
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the temporary file, if it was not published. */
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(temporary);
    }
  }
}
