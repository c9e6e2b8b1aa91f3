package io.lifeboat.backup;

import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.repository.FolderLock;
import io.lifeboat.repository.StoredContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the last sound backup of a cluster for the next one, which may be taken against it: a
 * backup host cannot read it back from the repository. Disposable: without it, or when it is
 * damaged, the next backup is a full one. A run that cannot have the folder goes without.
 */
final class ParentCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ParentCache.class);

  private final Path file;
  private final Optional<FolderLock> lock;

  /** The cache in a folder. */
  ParentCache(Path folder) {
    this.file = folder.resolve("parent");
    this.lock = FolderLock.tryLock(folder);
  }

  /** The backup that is remembered. */
  Optional<KeptParent> find() {
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ParentFile.read(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("cache=ignored file={} reason={}", file, e.toString());
      return Optional.empty();
    }
  }

  /** Remembers a backup in place of the one before. */
  void keep(KeptParent.About about, byte[] manifest, Map<BaseBackupPath, StoredContent> files) {
    if (lock.isEmpty()) {
      return;
    }
    Path fresh = file.resolveSibling("parent.new");
    try {
      ParentFile.write(fresh, about, manifest, files);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("cache=not-saved file={} reason={}", file, e.toString());
      forget();
    }
  }

  /** Makes the next backup a full one. */
  void forget() {
    if (lock.isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cache=not-removed file={} reason={}", file, e.toString());
    }
  }

  @Override
  public void close() {
    lock.ifPresent(FolderLock::close);
  }
}
