package io.lifeboat.restore;

import io.lifeboat.backup.BackupEngine;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.store.folder.FolderStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A repository in a folder, and backups of trees of files in it. */
public final class FilesRepository implements AutoCloseable {
  private final Path folder;
  private final FolderStore store;
  private final RepositoryFixture fixture;
  // Files that were changed just now count as settled: the next backup may trust the cache.
  private final Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
  private final BackupEngine engine =
      new BackupEngine(new SnapshotIds(later, new SecureRandom()), later);

  public FilesRepository(Path folder) {
    this.folder = folder;
    this.store = new FolderStore(folder.resolve("store"));
    this.fixture = RepositoryFixture.create(store, folder.resolve("spool"));
  }

  /** Takes a snapshot of these folders; answers its id. */
  public String backUp(Path... paths) {
    return engine
        .run(
            new BackupEngine.Order(
                fixture.writer(),
                "docs-nightly",
                "docs",
                new SourceConfig.Files(List.of(paths), List.of()),
                List.of(),
                folder.resolve("cache")),
            Progress.none())
        .snapshot();
  }

  public SnapshotReader read(String snapshot) {
    return fixture.reader().read(snapshot);
  }

  @Override
  public void close() {
    store.close();
  }
}
