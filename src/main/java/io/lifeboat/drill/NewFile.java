package io.lifeboat.drill;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;

/** A file that is there once all of it is: until then it has another name beside. */
final class NewFile implements AutoCloseable {
  private final Path file;
  private final Path part;
  private final FileChannel channel;
  private final OutputStream out;
  private long bytes;

  NewFile(Path file) {
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".lifeboat-part");
    requireAbsent(file);
    try {
      Path folder = file.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      this.channel =
          FileChannel.open(
              part,
              EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw failed(e);
    }
    this.out = new BufferedOutputStream(new Counting(Channels.newOutputStream(channel)), 1 << 16);
  }

  /**
   * Refuses to write over anything.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY}
   */
  static void requireAbsent(Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          "The target " + file + " is there already",
          "Name a file that does not exist.");
    }
  }

  OutputStream out() {
    return out;
  }

  /** All was written: answers how many bytes. */
  long publish() {
    try {
      out.flush();
      channel.force(true);
      channel.close();
      requireAbsent(file);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return bytes;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private TransientException failed(IOException e) {
    return new TransientException(
        ErrorCode.IO_FAILED,
        "Could not write " + file + ": " + e,
        "Check that its folder is writable and its disk has room, and that nobody else writes "
            + part
            + "; then try again.",
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private final class Counting extends FilterOutputStream {
    Counting(OutputStream to) {
      super(to);
    }

    @Override
    public void write(byte[] some, int offset, int length) throws IOException {
      super.out.write(some, offset, length);
      bytes += length;
    }
  }
}
