package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a spool, for its owner's eyes only. Written by one thread, read and removed by any.
 */
final class SpoolFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFiles.class);
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** The JDK copies what it reads or writes through a direct buffer of the same size. */
  private static final int SLICE_BYTES = 256 * 1024;

  private static final String BEING_WRITTEN = ".new";

  private final Path folder;
  private final Map<String, FileChannel> written = new LinkedHashMap<>();
  private boolean unsure;
  private volatile boolean closed;

  private SpoolFiles(Path folder) {
    this.folder = folder;
  }

  static SpoolFiles in(Path folder) {
    try {
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder, FOLDER_MODE);
      }
      return new SpoolFiles(folder);
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /** Writes into a file, which is made if absent; not for sure until {@link #force}. */
  void write(String name, long offset, byte[] bytes, int from, int length) {
    requireOpen();
    try {
      FileChannel channel = written.get(name);
      if (channel == null) {
        channel =
            FileChannel.open(
                folder.resolve(name),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                FILE_MODE);
        written.put(name, channel);
      }
      int done = 0;
      while (done < length) {
        int slice = Math.min(SLICE_BYTES, length - done);
        done += channel.write(ByteBuffer.wrap(bytes, from + done, slice), offset + done);
      }
    } catch (IOException e) {
      throw failed(folder.resolve(name), e);
    }
  }

  /** Everything that was written is on the disk when this returns. */
  void force() {
    requireOpen();
    if (unsure) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The disk of the WAL spool in " + folder + " did not take what was written before",
          "Check the disk. What it did not take is received again.");
    }
    // A disk that failed once may say yes the next time, and still have dropped what it was given.
    unsure = true;
    try {
      for (FileChannel channel : written.values()) {
        channel.force(true);
      }
      // All but the newest file are complete.
      var channels = written.values().iterator();
      for (int complete = written.size() - 1; complete > 0; complete--) {
        channels.next().close();
        channels.remove();
      }
      unsure = false;
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /** Lets go of what was written and not forced: after a failure nothing is known of it. */
  void forget() {
    for (FileChannel channel : written.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing is lost by it: the bytes are received anew.
        LOG.debug("event=wal-spool-not-closed folder={} because={}", folder, e.toString());
      }
    }
    written.clear();
    unsure = false;
  }

  /** From now on nothing is changed here: another process may take over. */
  void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The spool in " + folder + " was closed");
    }
  }

  byte[] read(String name, long offset, int length) {
    byte[] bytes = new byte[length];
    try (var in = FileChannel.open(folder.resolve(name), StandardOpenOption.READ)) {
      int done = 0;
      while (done < length) {
        int slice = Math.min(SLICE_BYTES, length - done);
        int read = in.read(ByteBuffer.wrap(bytes, done, slice), offset + done);
        if (read < 0) {
          throw new EOFException("the file ends after " + (offset + done) + " bytes");
        }
        done += read;
      }
      return bytes;
    } catch (IOException e) {
      throw failed(folder.resolve(name), e);
    }
  }

  /** The size of a file in bytes; empty if there is none. */
  OptionalLong size(String name) {
    Path path = folder.resolve(name);
    try {
      return Files.exists(path) ? OptionalLong.of(Files.size(path)) : OptionalLong.empty();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Puts a small file in the place of the one before, whole or not at all, and on the disk. */
  void replace(String name, byte[] content) {
    requireOpen();
    Path path = folder.resolve(name);
    Path beside = folder.resolve(name + BEING_WRITTEN);
    try {
      Files.deleteIfExists(beside);
      try (var out =
          FileChannel.open(
              beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE)) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
      try (var entries = FileChannel.open(folder, StandardOpenOption.READ)) {
        entries.force(true);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  void remove(String name) {
    requireOpen();
    try {
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      throw failed(folder.resolve(name), e);
    }
  }

  /** The names of all files. */
  Set<String> names() {
    try (Stream<Path> all = Files.list(folder)) {
      return Set.copyOf(all.map(path -> path.getFileName().toString()).toList());
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  static PermanentException failed(Path where, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new PermanentException(
        full ? ErrorCode.DISK_FULL : ErrorCode.IO_FAILED,
        "The spool of WAL fails at " + where + ": " + e,
        (full ? "Free space there." : "Check the folder and its disk.")
            + " The server keeps the WAL meanwhile.",
        e);
  }
}
