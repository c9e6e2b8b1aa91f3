package io.lifeboat.backup;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.files.FileTreeSource;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.ReadBack;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotIds;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotOrder;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoreProof;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
   * @param readBackBytes how much of what was stored is read back at most; 0 for nothing
   */
  public record Order(
      Repository repository,
      String plan,
      String source,
      SourceConfig config,
      List<String> tags,
      Path cache,
      long readBackBytes) {
    /** Copies the tags. */
    public Order {
      tags = List.copyOf(tags);
    }

    /** Reads back as much as a plan does that does not say how much. */
    public Order(
        Repository repository,
        String plan,
        String source,
        SourceConfig config,
        List<String> tags,
        Path cache) {
      this(repository, plan, source, config, tags, cache, PlanConfig.READ_BACK_BYTES);
    }
  }

  /**
   * Reads the source into a new snapshot, and then looks whether the store has it. The snapshot is
   * in the log when this returns; if this throws, there is none, or the message names it: then only
   * that last look failed.
   *
   * @throws LifeboatException the source's or the repository's
   */
  public BackupResult run(Order order, Progress progress) {
    Instant started = clock.instant();
    String id = ids.next();
    Stored stored;
    try (SourceReader reader = reader(order, started, id)) {
      stored = run(order, reader, started, id, progress);
    }
    // Nothing of the source is held meanwhile.
    return stored.result().apply(prove(order, id, stored.readBack(), progress));
  }

  /** What is in the log, and what is still to be found out of it. */
  private record Stored(ReadBack readBack, Function<StoreProof, BackupResult> result) {}

  private static StoreProof prove(Order order, String id, ReadBack readBack, Progress progress) {
    try {
      return readBack.run(order.readBackBytes(), progress);
    } catch (LifeboatException e) {
      String message =
          "Snapshot "
              + id
              + " is in the log, but whether the store has it was not looked at to the end: "
              + e.getMessage();
      String hint = e.hint() + " `lifeboat verify --level L1` looks at everything.";
      throw switch (e) {
        case PermanentException permanent ->
            new PermanentException(e.code(), message, hint, permanent);
        case TransientException fleeting ->
            new TransientException(e.code(), message, hint, fleeting);
      };
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

  private Stored run(
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
      Duration took = Duration.between(started, clock.instant());
      return new Stored(
          writer.readBack(),
          proof ->
              new BackupResult(
                  info.id(),
                  read.bytesRead(),
                  info.storedBytes(),
                  found.knownBytes(),
                  found.reusedBytes(),
                  info.files(),
                  read.filesRead(),
                  took,
                  read.warnings(),
                  read.damage(),
                  read.parent(),
                  proof));
    }
  }
}
