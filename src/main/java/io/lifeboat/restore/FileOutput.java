package io.lifeboat.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** One file on its way to a file system; holes stay holes. */
final class FileOutput implements RestoreTarget.FileWriter {
  private final Path file;
  private final FileChannel channel;
  private final Publication publication;
  private final Publication withdrawal;
  private boolean endsInHole;
  private boolean published;

  /** What is done at the end. */
  interface Publication {
    void run() throws IOException;
  }

  /**
   * Writes to a channel.
   *
   * @param publication makes the file what it shall be, once all of it is there
   * @param withdrawal takes back what cannot be published
   */
  FileOutput(Path file, FileChannel channel, Publication publication, Publication withdrawal) {
    this.file = file;
    this.channel = channel;
    this.publication = publication;
    this.withdrawal = withdrawal;
  }

  @Override
  public void write(ByteBuffer bytes) {
    try {
      endsInHole &= !bytes.hasRemaining();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }

  @Override
  public void hole(long lengthBytes) {
    try {
      channel.position(channel.position() + lengthBytes);
      endsInHole |= lengthBytes > 0;
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }

  @Override
  public void complete() {
    try {
      if (endsInHole) {
        // One zero at its end gives the file its length.
        channel.write(ByteBuffer.wrap(new byte[1]), channel.position() - 1);
      }
      channel.close();
      publication.run();
      published = true;
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      if (!published) {
        withdrawal.run();
      }
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }
}
