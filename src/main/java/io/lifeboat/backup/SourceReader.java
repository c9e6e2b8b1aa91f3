package io.lifeboat.backup;

import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One pass over a source. */
sealed interface SourceReader extends AutoCloseable
    permits FilesReader, LogicalReader, PostgresReader {
  /** How snapshots call this kind of source. */
  String type();

  /** Fails if the source cannot be read at all; nothing is written before. */
  void check();

  /** Reads everything into the snapshot. */
  Read read(SnapshotWriter writer, Progress progress);

  /** The snapshot is durable: what was learnt for the next run may be kept. */
  void committed();

  @Override
  void close();

  /**
   * What came of it.
   *
   * @param facts what the source said of itself, as a JSON object
   * @param damage what of the source was damaged already
   * @param parent the snapshot since which changes were read, if not everything was
   */
  record Read(
      String facts,
      CompletableFuture<Node.Directory> tree,
      SnapshotWriter.Totals totals,
      long bytesRead,
      long filesRead,
      List<String> warnings,
      Optional<String> damage,
      Optional<String> parent) {
    public Read {
      warnings = List.copyOf(warnings);
    }
  }
}
