package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Reads the contents of many files in a known order, ahead of whoever consumes them: a planner asks
 * for chunks as long as fewer than {@link #AHEAD_BYTES} were asked for and not taken, chunks and
 * the runs they lie in; the consumer takes them in the same order. One consumer thread.
 */
final class ReadAhead implements ContentSequence {
  private static final int AHEAD_BYTES = 16 << 20;
  private static final int AHEAD_PIECES = 4096;

  /** So many chunks in a row that differ are read one by one; what comes then differs too. */
  private static final int ALONE = 4;

  private final ChunkFetcher fetcher;
  private final BlockingQueue<Step> queue = new ArrayBlockingQueue<>(AHEAD_PIECES);
  private final Semaphore room = new Semaphore(AHEAD_BYTES);
  private final Thread planner;

  /** Starts to read the contents of these files. */
  ReadAhead(ChunkFetcher fetcher, Iterator<Wanted> contents) {
    this.fetcher = fetcher;
    this.planner = Thread.ofVirtual().name("read-ahead").start(() -> plan(contents));
  }

  /** Contents to read, and what there is of them from elsewhere. */
  record Wanted(Content content, Supplier<BytesAtHand> atHand) {}

  /** What the planner hands over. */
  private sealed interface Step {
    record Piece(Extent.Data extent, CompletableFuture<byte[]> chunk, int permits)
        implements Step {}

    record AtHand(byte[] bytes) implements Step {}

    record Hole(long lengthBytes) implements Step {}

    record EndOfFile() implements Step {}

    record Failed(RuntimeException problem) implements Step {}
  }

  private void plan(Iterator<Wanted> contents) {
    try {
      while (contents.hasNext()) {
        Wanted wanted = contents.next();
        try (BytesAtHand atHand = wanted.atHand().get()) {
          plan(wanted.content(), atHand);
        }
        queue.put(new Step.EndOfFile());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void fail(RuntimeException problem) {
    try {
      queue.put(new Step.Failed(problem));
    } catch (InterruptedException e) {
      // The consumer has gone; nobody waits for the problem.
      Thread.currentThread().interrupt();
    }
  }

  private void plan(Content content, BytesAtHand atHand) throws InterruptedException {
    Iterator<Extent> extents =
        switch (content) {
          case Content.Inline inline -> inline.extents().iterator();
          case Content.Indirect indirect -> new StoredExtents(fetcher, indirect.extentList());
        };
    long planned = 0;
    int different = 0;
    while (extents.hasNext()) {
      Extent extent = extents.next();
      switch (extent) {
        case Extent.Hole hole -> queue.put(new Step.Hole(hole.lengthBytes()));
        case Extent.Data data -> {
          There there = takeWhatIsThere(data, planned, atHand);
          different = there == There.OTHER ? different + 1 : 0;
          if (there != There.SAME) {
            ask(data, there == There.OTHER && different <= ALONE);
          }
        }
      }
      planned += extent.lengthBytes();
    }
    if (planned != content.sizeBytes()) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "An extent list covers " + planned + " bytes of " + content.sizeBytes(),
          Hints.VERIFY);
    }
  }

  /** What is at hand where a chunk goes. */
  private enum There {
    /** Its bytes. */
    SAME,
    /** Other bytes. */
    OTHER,
    /** Nothing, or nothing that can be compared. */
    NOTHING
  }

  /** Takes a whole chunk from what is at hand, if it is the same there. */
  private There takeWhatIsThere(Extent.Data extent, long offsetBytes, BytesAtHand atHand)
      throws InterruptedException {
    int length = (int) extent.lengthBytes();
    if (extent.offsetBytes() != 0 || fetcher.plainBytes(extent.chunk()).orElse(-1) != length) {
      return There.NOTHING;
    }
    room.acquire(length);
    Optional<byte[]> there = atHand.read(offsetBytes, length);
    if (there.isPresent() && fetcher.isChunk(there.get(), extent.chunk())) {
      queue.put(new Step.AtHand(there.get()));
      return There.SAME;
    }
    room.release(length);
    return there.isPresent() ? There.OTHER : There.NOTHING;
  }

  private void ask(Extent.Data extent, boolean alone) throws InterruptedException {
    // By what it brings, not by how much of it this file needs: a small file may need a little
    // of a large chunk.
    ChunkFetcher.Fetched fetched = fetcher.bring(extent.chunk(), alone);
    int permits = Math.min(fetched.broughtBytes(), AHEAD_BYTES);
    room.acquire(permits);
    queue.put(new Step.Piece(extent, fetched.bytes(), permits));
  }

  @Override
  public ContentReader next() {
    return new ContentReader() {
      private boolean ended;

      @Override
      public Optional<Piece> next() {
        if (ended) {
          throw new NoSuchElementException("The file has ended");
        }
        Optional<Piece> piece = take();
        ended = piece.isEmpty();
        return piece;
      }
    };
  }

  private Optional<ContentReader.Piece> take() {
    Step step;
    try {
      step = queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "Reading was interrupted", "Start it again.", e);
    }
    return switch (step) {
      case Step.Hole hole -> Optional.of(new ContentReader.Piece.Hole(hole.lengthBytes()));
      case Step.AtHand atHand -> {
        room.release(atHand.bytes().length);
        yield Optional.of(new ContentReader.Piece.Data(ByteBuffer.wrap(atHand.bytes()), true));
      }
      case Step.EndOfFile end -> Optional.empty();
      case Step.Failed failed -> throw failed.problem();
      case Step.Piece piece -> {
        byte[] chunk = Waits.get(piece.chunk());
        room.release(piece.permits());
        Extent.Data extent = piece.extent();
        if (extent.offsetBytes() + extent.lengthBytes() > chunk.length) {
          throw new PermanentException(
              ErrorCode.OBJECT_DAMAGED,
              "A file needs more of chunk " + extent.chunk() + " than there is",
              Hints.VERIFY);
        }
        yield Optional.of(
            new ContentReader.Piece.Data(
                ByteBuffer.wrap(chunk, extent.offsetBytes(), (int) extent.lengthBytes())));
      }
    };
  }

  @Override
  public void close() {
    planner.interrupt();
  }
}
