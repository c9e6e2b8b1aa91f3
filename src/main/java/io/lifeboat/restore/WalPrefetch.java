package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.restore.WalStretch.Slice;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads pieces of write-ahead log in their order, some of them ahead. What cannot be read is said
 * where it is asked for. For one thread.
 */
final class WalPrefetch implements AutoCloseable {
  private static final int MOST_AT_ONCE = 8;
  private static final long MOST_BYTES = 64L << 20;

  private final WalArchive archive;
  private final Iterator<Slice> waiting;
  private final Deque<Ahead> ahead = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private long aheadBytes;

  /** A piece that is being read. */
  private record Ahead(Slice slice, Future<WalArchive.Content> content) {}

  /** A piece that was read. */
  record Fetched(Slice slice, WalArchive.Content content) {
    /** Where the slice begins in the piece's bytes. */
    int offset() {
      return slice.from() - slice.piece().from();
    }

    int length() {
      return slice.to() - slice.from();
    }
  }

  WalPrefetch(WalArchive archive, List<Slice> slices) {
    this.archive = archive;
    this.waiting = slices.iterator();
  }

  /**
   * The next piece, or empty behind the last.
   *
   * @throws LifeboatException as {@link WalArchive#read} does
   */
  Optional<Fetched> next() {
    while (waiting.hasNext()
        && (ahead.isEmpty() || (ahead.size() < MOST_AT_ONCE && aheadBytes < MOST_BYTES))) {
      Slice slice = waiting.next();
      aheadBytes += slice.piece().lengthBytes();
      ahead.add(new Ahead(slice, threads.submit(() -> archive.read(slice.piece()))));
    }
    if (ahead.isEmpty()) {
      return Optional.empty();
    }
    Ahead first = ahead.remove();
    aheadBytes -= first.slice().piece().lengthBytes();
    return Optional.of(new Fetched(first.slice(), await(first.content())));
  }

  private static WalArchive.Content await(Future<WalArchive.Content> content) {
    try {
      return content.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED,
          "The restore was interrupted while it read WAL",
          "Start it again.",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LifeboatException failure) {
        throw failure;
      }
      throw new IllegalStateException("WAL could not be read", e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
