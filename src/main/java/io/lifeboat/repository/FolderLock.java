package io.lifeboat.repository;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that one run at a time has to itself, among all processes of a host. The kernel lets go
 * of the lock when the process ends, however it ends.
 */
public final class FolderLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  /**
   * What this process holds: it must not even open such a file again, as closing it would let go of
   * the lock.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Takes a folder, which is made if absent; empty if another run has it, or it cannot be had. */
  public static Optional<FolderLock> tryLock(Path folder) {
    Path file = folder.toAbsolutePath().normalize().resolve("lock");
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    Optional<FolderLock> lock = open(file);
    if (lock.isEmpty()) {
      HELD.remove(file);
    }
    return lock;
  }

  private static Optional<FolderLock> open(Path file) {
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        return Optional.of(new FolderLock(file, channel));
      }
      channel.close();
    } catch (IOException e) {
      LOG.warn("event=folder-not-locked file={} reason={}", file, e.toString());
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("event=folder-not-unlocked file={} reason={}", file, e.toString());
    } finally {
      HELD.remove(file);
    }
  }
}
