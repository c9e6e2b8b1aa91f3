package io.lifeboat.bench;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Chunking;
import io.lifeboat.repository.ContentWriter;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.RepositoryFixture;
import io.lifeboat.repository.SimulatedIndex;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * {@code LongStream FOLDER GIB [CHUNKS]}: one file of so many GiB, half of it compressible, through
 * a real snapshot writer, to show that memory does not grow with the input. Run it with a small
 * heap. With CHUNKS, the repository has that many before, simulated: the run finds their index
 * segments and packs in the store, and holds each chunk of its own against all of them.
 */
public final class LongStream {
  private static final int BLOCK_BYTES = 1 << 20;

  private LongStream() {}

  /** Writes the snapshot and prints {@code key=value} pairs on one line. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2 && args.length != 3) {
      throw new IllegalArgumentException("usage: LongStream FOLDER GIB [CHUNKS]");
    }
    long totalBytes = Long.parseLong(args[1]) << 30;
    var store = new WeighingStore();
    Path folder = Path.of(args[0]);
    RepositoryFixture fixture = RepositoryFixture.create(store, folder);
    if (args.length == 3) {
      Path past = folder.resolveSibling("past");
      long chunks = Long.parseLong(args[2]);
      fixture = fixture.through(SimulatedIndex.before(store, fixture, past, chunks));
    }
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("long-stream"))) {
      CompletableFuture<StoredContent> content = write(writer, totalBytes);
      var attributes = new Attributes(0600, 0, 0, "", "", Instant.EPOCH);
      var file =
          content.thenApply(stored ->
              new Node.RegularFile(
                  FileName.of("stream"), attributes, stored.content(), stored.sha256(), 0));
      writer.endContents();
      SnapshotInfo info =
          writer.commit(
              "{}",
              writer.directory(FileName.of("root"), attributes, List.of(file)),
              new SnapshotWriter.Totals(totalBytes, 1));
      report(info, store);
    }
  }

  private static CompletableFuture<StoredContent> write(SnapshotWriter writer, long totalBytes) {
    var made = new MadeUpBytes(6);
    var block = new byte[BLOCK_BYTES];
    ContentWriter content = writer.content(Chunking.CONTENT, totalBytes);
    for (long left = totalBytes; left > 0; left -= block.length) {
      made.mixed(block, 0, block.length);
      content.write(block, 0, block.length);
    }
    return content.finish();
  }

  private static void report(SnapshotInfo info, WeighingStore store) {
    System.out.printf(
        Locale.ROOT,
        "bytesRead=%d packs=%d bytesStored=%d heapPeakMiB=%d%n",
        info.sizeBytes(),
        store.packs(),
        store.packBytes(),
        heapPeakBytes() >> 20);
  }

  /** Each pool's peak, added up: at least as much as the heap's own. */
  private static long heapPeakBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
