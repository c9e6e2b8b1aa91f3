package io.lifeboat.backup;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.files.FileEntry;
import io.lifeboat.repository.CachedContent;
import io.lifeboat.repository.FolderLock;
import io.lifeboat.repository.StoredContent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the contents of files by path, size, times and inode, so that an unchanged file is not
 * opened. Disposable: without it, or when it is damaged, everything is read again and the backup is
 * the same. Paths are kept as hashes.
 *
 * <p>A file that was changed later than {@link #SETTLED} before the backup began is not remembered:
 * within one tick of the file system's clock, a later change would not show.
 *
 * <p>Whoever opened it has it to itself until it is closed; a run that cannot have it goes without.
 * {@link #find} is for one thread, {@link #keep} for any.
 */
final class FileCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileCache.class);
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private final Path file;
  private final Instant settledBefore;
  private final Optional<FolderLock> lock;
  private final CachedFiles known;
  private Optional<CachedFilesWriter> next;

  /**
   * The cache in a folder.
   *
   * @param started when the backup that uses it began: before it looked at any file
   */
  FileCache(Path folder, Instant started) {
    this.settledBefore = started.minus(SETTLED);
    this.file = folder.resolve("files");
    this.lock = FolderLock.tryLock(folder);
    this.known = lock.isPresent() ? load(file) : CachedFiles.none();
    this.next = lock.isPresent() ? begin(file) : Optional.empty();
  }

  /**
   * A file that looks as it did when it was read.
   *
   * @param entry how it is remembered
   */
  record Known(StoredContent content, ByteBuffer entry) {}

  /** The contents of a file that looks as it did when they were read. */
  Optional<Known> find(FileEntry.RegularFile file) {
    return known
        .find(CachedFileKey.of(file))
        .flatMap(entry -> {
          try {
            byte[] content = CachedFiles.content(entry);
            return Optional.of(new Known(CachedContent.decode(content), entry));
          } catch (LifeboatException e) {
            LOG.warn("cache=ignored reason={}", e.getMessage());
            return Optional.empty();
          }
        });
  }

  /** Remembers what was found for the run after this one, too. */
  void keep(Known found) {
    append(found.entry());
  }

  /** Remembers a file that was read. */
  void keep(FileEntry.RegularFile file, StoredContent content) {
    if (file.changedAt().isBefore(settledBefore)) {
      append(CachedFiles.entry(CachedFileKey.of(file), CachedContent.encode(content)));
    }
  }

  private synchronized void append(ByteBuffer entry) {
    next.ifPresent(writer -> {
      try {
        writer.append(entry);
      } catch (IOException e) {
        giveUp(writer, e);
      }
    });
  }

  /** Replaces the file with what was kept in this run. */
  synchronized void save() {
    next.ifPresent(writer -> {
      try {
        writer.publish(file);
      } catch (IOException e) {
        giveUp(writer, e);
      }
    });
  }

  /** The backup goes on; the next one reads what this one does not remember. */
  private void giveUp(CachedFilesWriter writer, IOException e) {
    LOG.warn("cache=not-saved file={} reason={}", file, e.toString());
    next = Optional.empty();
    close(writer);
  }

  @Override
  public synchronized void close() {
    next.ifPresent(this::close);
    next = Optional.empty();
    lock.ifPresent(FolderLock::close);
  }

  /** Nothing depends on it any more: what is left behind is overwritten by the next run. */
  private void close(Closeable done) {
    try {
      done.close();
    } catch (IOException e) {
      LOG.warn("cache=not-closed file={} reason={}", file, e.toString());
    }
  }

  private static CachedFiles load(Path file) {
    try {
      return CachedFiles.load(file);
    } catch (IOException e) {
      LOG.warn("cache=ignored file={} reason={}", file, e.toString());
      return CachedFiles.none();
    }
  }

  private static Optional<CachedFilesWriter> begin(Path file) {
    try {
      return Optional.of(new CachedFilesWriter(file.resolveSibling("files.new")));
    } catch (IOException e) {
      LOG.warn("cache=not-saved file={} reason={}", file, e.toString());
      return Optional.empty();
    }
  }
}
