package io.lifeboat.backup;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.files.FileTreeSource;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotOrder;
import io.lifeboat.repository.SnapshotWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Takes backups. Thread-safe; a run uses the calling thread to read and others to seal and store.
 */
public final class BackupEngine {
  private final SnapshotIds ids;
  private final Clock clock;

  /** An engine. */
  public BackupEngine(SnapshotIds ids, Clock clock) {
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * What to back up.
   *
   * @param tags what the snapshot is marked with
   * @param cache a folder of this source and repository alone, for what only makes the next run
   *     faster
   */
  public record Order(
      Repository repository,
      String plan,
      String source,
      SourceConfig config,
      List<String> tags,
      Path cache) {
    /** Copies the tags. */
    public Order {
      tags = List.copyOf(tags);
    }
  }

  /**
   * Reads the source into a new snapshot. Either the snapshot is in the log when this returns, or
   * there is none.
   *
   * @throws io.lifeboat.error.LifeboatException the source's or the repository's
   */
  public BackupResult run(Order order, Progress progress) {
    Instant started = clock.instant();
    String id = ids.next();
    try (SourceReader reader = reader(order, started, id)) {
      return run(order, reader, started, id, progress);
    }
  }

  private static SourceReader reader(Order order, Instant started, String id) {
    return switch (order.config()) {
      case SourceConfig.Files files ->
          new FilesReader(
              new FileTreeSource(files), new FileCache(order.cache(), started), started);
      case SourceConfig.Postgres postgres when postgres.isLogical() ->
          new LogicalReader(
              postgres, Optional.ofNullable(System.getenv("PATH")).orElse(""), started);
      case SourceConfig.Postgres postgres -> new PostgresReader(postgres, order, id);
    };
  }

  private BackupResult run(
      Order order, SourceReader reader, Instant started, String id, Progress progress) {
    reader.check();
    var snapshot =
        new SnapshotOrder(id, order.source(), reader.type(), order.plan(), started, order.tags());
    try (SnapshotWriter writer = order.repository().begin(snapshot)) {
      SourceReader.Read read = reader.read(writer, progress);
      progress.phase("store");
      SnapshotInfo info = writer.commit(read.facts(), read.tree(), read.totals());
      reader.committed();
      SnapshotWriter.Found found = writer.found();
      return new BackupResult(
          info.id(),
          read.bytesRead(),
          info.storedBytes(),
          found.knownBytes(),
          found.reusedBytes(),
          info.files(),
          read.filesRead(),
          Duration.between(started, clock.instant()),
          read.warnings(),
          read.damage(),
          read.parent());
    }
  }
}
