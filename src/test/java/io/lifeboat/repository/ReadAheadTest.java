package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAheadTest {
  private static final Attributes PLAIN =
      new Attributes(0644, 0, 0, "", "", Instant.parse("2026-01-30T10:11:12Z"));
  private static final int SMALL_BYTES = 4096;

  @TempDir Path folder;
  private final InMemoryStore store = new InMemoryStore();
  private final AtomicLong askedBytes = new AtomicLong();

  /** Counts what is read of packs. */
  private final class Counting extends ForwardingStore {
    Counting() {
      super(store);
    }

    @Override
    public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
      askedBytes.addAndGet(lengthBytes);
      return super.getRange(name, offsetBytes, lengthBytes);
    }
  }

  /**
   * What an old tree may look like, of which a few files changed each day: every small file needs a
   * little of a chunk of its own.
   */
  private static List<CompletableFuture<Node.RegularFile>> scattered(
      Content.Inline big, byte[] bytes) throws Exception {
    var files = new ArrayList<CompletableFuture<Node.RegularFile>>();
    int at = 0;
    for (Extent extent : big.extents()) {
      var chunk = (Extent.Data) extent;
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, at, SMALL_BYTES);
      files.add(
          CompletableFuture.completedFuture(
              new Node.RegularFile(
                  FileName.of("file " + files.size()),
                  PLAIN,
                  new Content.Inline(
                      SMALL_BYTES, List.of(new Extent.Data(chunk.chunk(), 0, SMALL_BYTES))),
                  Optional.of(digest.digest()),
                  0)));
      at += (int) chunk.lengthBytes();
    }
    return files;
  }

  @Test
  void smallPartsOfLargeChunksAreNotReadAheadWithoutBound() throws Exception {
    RepositoryFixture fixture = RepositoryFixture.create(store, folder.resolve("spool"));
    byte[] bytes = new byte[192 << 20];
    new Random(1).nextBytes(bytes);
    int count;
    try (SnapshotWriter writer = fixture.writer().begin(RepositoryFixture.order("s1"))) {
      ContentWriter content = writer.content(Chunking.CONTENT, bytes.length);
      content.write(bytes, 0, bytes.length);
      CompletableFuture<StoredContent> stored = content.finish();
      writer.endContents();
      var files = scattered((Content.Inline) stored.get().content(), bytes);
      count = files.size();
      writer.commit(
          "{}",
          writer.directory(FileName.of("root"), PLAIN, files),
          new SnapshotWriter.Totals((long) count * SMALL_BYTES, count));
    }

    try (SnapshotReader reader = fixture.through(new Counting()).reader().read("s1")) {
      var files =
          reader.list(reader.root().tree()).stream().map(Node.RegularFile.class::cast).toList();
      askedBytes.set(0);
      var watched = new Watched(files.iterator());
      try (ContentSequence contents = reader.read(watched)) {
        assertThat(contents.next().next()).isPresent();
        watched.awaitPause();
        // Reads begin in the order in which they were asked for: all before this one have begun.
        try (ContentSequence last = reader.read(List.of(files.getLast()).iterator())) {
          assertThat(last.next().next()).isPresent();
        }
        watched.awaitPause();
        assertThat(askedBytes.get()).isPositive().isLessThan(100L << 20);

        for (int i = 1; i < count; i++) {
          drain(contents, i == 1);
        }
        drain(contents, false);
      }
    }
    assertThat(count).isGreaterThan(60);
    assertThat(askedBytes.get()).isGreaterThan(180L << 20);
  }

  /** Reads a file to its end; of the first one the only piece was taken already. */
  private static void drain(ContentSequence contents, boolean begun) {
    ContentReader reader = contents.next();
    int pieces = begun ? 1 : 0;
    for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
      pieces++;
    }
    assertThat(pieces).isEqualTo(1);
  }

  /** Files, and who asks for them: the thread that reads ahead. */
  private static final class Watched implements Iterator<Node.RegularFile> {
    private final Iterator<Node.RegularFile> files;
    private volatile Thread planner = Thread.currentThread();

    Watched(Iterator<Node.RegularFile> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      return files.hasNext();
    }

    @Override
    public Node.RegularFile next() {
      planner = Thread.currentThread();
      return files.next();
    }

    /** Waits until it has asked for all that it may, or for all there is. */
    void awaitPause() {
      while (planner.isAlive() && planner.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }
  }
}
