package io.lifeboat.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of caches that one run has to itself until it closes this. */
final class CacheLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheLock.class);

  private final Path folder;
  private final Optional<FileChannel> channel;

  private CacheLock(Path folder, Optional<FileChannel> channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /** Takes the folder, unless another run has it or it cannot be had: that is logged. */
  static CacheLock of(Path folder) {
    return new CacheLock(folder, lock(folder));
  }

  /** Whether it was free. */
  boolean isHeld() {
    return channel.isPresent();
  }

  private static Optional<FileChannel> lock(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          return Optional.of(channel);
        }
      } catch (OverlappingFileLockException e) {
        LOG.debug("cache=locked-by-this-process folder={}", folder);
      }
      channel.close();
      LOG.info("cache=in-use folder={}", folder);
    } catch (IOException e) {
      LOG.warn("cache=unusable folder={} reason={}", folder, e.toString());
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    channel.ifPresent(open -> {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("cache=not-closed folder={} reason={}", folder, e.toString());
      }
    });
  }
}
