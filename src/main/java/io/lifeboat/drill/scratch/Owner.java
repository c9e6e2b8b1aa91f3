package io.lifeboat.drill.scratch;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.UUID;

/**
 * The process that a scratch belongs to, told by a file that it holds a lock on. The kernel lets go
 * of the lock when the process ends, however it ends, so a dead owner cannot be taken for a live
 * one (as a process number that was given again could), and that holds across containers that share
 * the work folder. Thread-safe.
 */
final class Owner implements AutoCloseable {
  private final Path folder;
  private final String token;
  private final FileChannel channel;

  private Owner(Path folder, String token, FileChannel channel) {
    this.folder = folder;
    this.token = token;
    this.channel = channel;
  }

  /** Makes this process an owner until it closes this or ends. */
  static Owner enter(Path folder) {
    String token = ourPrefix() + UUID.randomUUID();
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(token), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock lock = channel.lock();
      if (!lock.isValid()) {
        throw new IOException("the lock was lost at once");
      }
      return new Owner(folder, token, channel);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.SCRATCH_UNAVAILABLE,
          "Cannot hold a lock in " + folder + ": " + e.getMessage(),
          "Let the work folder be on a local file system that this user may write to.",
          e);
    }
  }

  /** The name that ledger entries and container labels carry. */
  String token() {
    return token;
  }

  /**
   * Whether that owner's process is known to have ended. An owner that left no file here is not
   * known to have ended: it may work from another folder or on another machine.
   */
  boolean isDead(String other) {
    // A process must not even open a file that it holds a lock on: closing it would let go of the
    // lock.
    if (other.startsWith(ourPrefix()) || !other.matches("[A-Za-z0-9-]{1,100}")) {
      return false;
    }
    Path file = folder.resolve(other);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel probe = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = probe.tryLock()) {
      return lock != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Deletes the files of owners that died before this instant. */
  void forgetDeadBefore(Instant instant) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (isDead(String.valueOf(file.getFileName()))
            && Files.getLastModifiedTime(file).toInstant().isBefore(instant)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Cannot tidy up " + folder + ": " + e.getMessage(),
          "Let the work folder be writable.",
          e);
    }
  }

  /** Ends the ownership; what is still in the ledger then counts as left behind. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "Cannot let go of " + folder.resolve(token) + ": " + e.getMessage(),
          "The lock ends with the process.",
          e);
    }
  }

  /** Starts every token of this process, and of no other one. */
  private static String ourPrefix() {
    ProcessHandle us = ProcessHandle.current();
    long start = us.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return us.pid() + "-" + start + "-";
  }
}
