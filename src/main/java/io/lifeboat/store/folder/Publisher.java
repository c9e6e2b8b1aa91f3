package io.lifeboat.store.folder;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;

import io.lifeboat.store.Body;
import io.lifeboat.store.PutOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes finished files under names that were free: temporary file, sync, hard link, sync of the
 * folder. After a crash at any point a name either is absent or holds all its bytes. Thread-safe.
 */
final class Publisher {
  private static final Set<PosixFilePermission> OWNER_READS =
      EnumSet.of(PosixFilePermission.OWNER_READ);
  // The JDK copies what it writes through a direct buffer of the same size: slices bound that.
  private static final int SLICE_BYTES = 256 * 1024;
  private static final Duration STALE = Duration.ofDays(1);
  private static final int MOST_TRIES = 3;

  private final Path temporaries;
  private final DurableFolders folders;
  private final AtomicBoolean swept = new AtomicBoolean();

  Publisher(Path temporaries, DurableFolders folders) {
    this.temporaries = temporaries;
    this.folders = folders;
  }

  PutOutcome publish(Path target, Body body) throws IOException {
    folders.create(folder(target));
    if (Files.exists(target)) {
      // Saves writing the bytes; the link below is what decides.
      return existing(target);
    }
    return switch (body) {
      case Body.Bytes bytes -> publishCopy(target, body);
      case Body.SpooledFile file -> publishSpooled(target, file);
    };
  }

  private PutOutcome publishSpooled(Path target, Body.SpooledFile file) throws IOException {
    requireSize(file);
    Files.setPosixFilePermissions(file.path(), OWNER_READS);
    try (var channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      channel.force(true);
    }
    try {
      return link(target, file.path());
    } catch (FileSystemException e) {
      // Most often another file system. Whatever else it was, copying meets it again and reports
      // it.
      return publishCopy(target, file);
    }
  }

  private PutOutcome publishCopy(Path target, Body body) throws IOException {
    folders.create(temporaries);
    for (int attempt = 1; ; attempt++) {
      Path temporary = temporaries.resolve(UUID.randomUUID().toString());
      try {
        write(temporary, body);
        sweepOnce(Files.getLastModifiedTime(temporary));
        return link(target, temporary);
      } catch (NoSuchFileException e) {
        // If it is gone, this process slept for a day and another one took it for stale: write it
        // again.
        if (attempt == MOST_TRIES || Files.exists(temporary)) {
          throw e;
        }
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static void write(Path temporary, Body body) throws IOException {
    try (var out =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            asFileAttribute(OWNER_READS))) {
      switch (body) {
        case Body.Bytes bytes -> writeAll(out, ByteBuffer.wrap(bytes.bytes()));
        case Body.SpooledFile file -> {
          try (var in = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            copyAll(in, out, file.sizeBytes());
          }
        }
      }
      out.force(true);
    }
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + SLICE_BYTES));
      out.write(bytes);
    }
  }

  private static void copyAll(FileChannel in, FileChannel out, long sizeBytes) throws IOException {
    for (long done = 0; done < sizeBytes; ) {
      long moved = in.transferTo(done, sizeBytes - done, out);
      if (moved <= 0) {
        throw new IOException(
            "the spooled file ended after " + done + " of " + sizeBytes + " bytes");
      }
      done += moved;
    }
  }

  private PutOutcome link(Path target, Path finished) throws IOException {
    try {
      Files.createLink(target, finished);
    } catch (FileAlreadyExistsException e) {
      // Over NFS a repeated request can report our own success as a conflict.
      if (!Files.isSameFile(target, finished)) {
        return existing(target);
      }
    } catch (UnsupportedOperationException e) {
      throw new FileSystemException(target.toString(), null, "the file system has no hard links");
    }
    DurableFolders.sync(folder(target));
    return PutOutcome.CREATED;
  }

  private static PutOutcome existing(Path target) throws IOException {
    if (!Files.isRegularFile(target)) {
      throw new FileSystemException(
          target.toString(), null, "there is something that is not a file");
    }
    // Whoever relies on this object must find it after a crash, even if the process that linked it
    // has not synced yet.
    DurableFolders.sync(folder(target));
    return PutOutcome.EXISTS;
  }

  /**
   * Removes temporary files that nobody has written to for a day, by the file system's own clock.
   * Should such a writer be alive after all, its link fails, and it writes again: nothing is lost
   * or published half.
   */
  private void sweepOnce(FileTime now) throws IOException {
    if (swept.getAndSet(true)) {
      return;
    }
    try (var files = Files.newDirectoryStream(temporaries)) {
      for (Path file : files) {
        if (isStale(file, now)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isStale(Path file, FileTime now) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(now.toInstant().minus(STALE));
    } catch (NoSuchFileException e) {
      return false; // its writer finished
    }
  }

  private static void requireSize(Body.SpooledFile file) throws IOException {
    long actualBytes = Files.size(file.path());
    if (actualBytes != file.sizeBytes()) {
      throw new IOException(
          "the spooled file "
              + file.path()
              + " has "
              + actualBytes
              + " bytes, not "
              + file.sizeBytes());
    }
  }

  private static Path folder(Path target) {
    Path folder = target.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("Not in a folder: " + target);
    }
    return folder;
  }
}
