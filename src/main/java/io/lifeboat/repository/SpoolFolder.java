package io.lifeboat.repository;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run's own folder for packs on their way to the store, {@code run-<owner>}, beside a file
 * {@code run-<owner>.lock} that it holds a lock on. The kernel lets go of the lock when the process
 * ends, however it ends: so a run that was killed is told from a neighbour that still works, and
 * the next run removes what the killed one left.
 */
final class SpoolFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFolder.class);
  private static final String LOCK = ".lock";

  private final Path path;
  private final Path lockFile;
  private final FileChannel lock;

  private SpoolFolder(Path path, Path lockFile, FileChannel lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Makes a folder of its own below {@code parent}, after it has removed those of dead runs. */
  static SpoolFolder open(Path parent) {
    try {
      sweep(parent);
      while (true) {
        String name = ourPrefix() + UUID.randomUUID();
        Path lockFile = parent.resolve(name + LOCK);
        FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        // A neighbour's sweep between these two lines has taken the file for a dead run's.
        if (channel.lock().isValid() && Files.exists(lockFile)) {
          return new SpoolFolder(Files.createDirectory(parent.resolve(name)), lockFile, channel);
        }
        channel.close();
      }
    } catch (IOException e) {
      throw OpenPack.spoolFailed(parent, e);
    }
  }

  /** Where this run's packs go. */
  Path path() {
    return path;
  }

  private static void sweep(Path parent) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, "run-*" + LOCK)) {
      for (Path lockFile : locks) {
        // A process must not even open a file that it holds a lock on: closing it would let go of
        // the lock.
        if (!lockFile.getFileName().toString().startsWith(ourPrefix())) {
          removeIfDead(lockFile);
        }
      }
    }
  }

  private static void removeIfDead(Path lockFile) {
    try (FileChannel probe = FileChannel.open(lockFile, StandardOpenOption.WRITE);
        FileLock lock = probe.tryLock()) {
      if (lock != null) {
        String name = lockFile.getFileName().toString();
        remove(lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length())));
        Files.deleteIfExists(lockFile);
      }
    } catch (IOException e) {
      // It takes space, but hinders nothing; the next run tries again.
      LOG.warn("event=spool-not-swept file={} because={}", lockFile, e.toString());
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }

  /** Starts the name of every run of this process, and of no other one. */
  private static String ourPrefix() {
    ProcessHandle us = ProcessHandle.current();
    long start = us.info().startInstant().map(java.time.Instant::toEpochMilli).orElse(0L);
    return "run-" + us.pid() + "-" + start + "-";
  }

  /** Removes the folder with all that is left in it. */
  @Override
  public void close() {
    try (lock) {
      remove(path);
      Files.deleteIfExists(lockFile);
    } catch (IOException e) {
      throw OpenPack.spoolFailed(path, e);
    }
  }
}
