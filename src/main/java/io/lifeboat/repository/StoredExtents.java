package io.lifeboat.repository;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The extents of a very long file, whose encoding is stored as chunks: opened a chunk at a time.
 * Not thread-safe.
 */
final class StoredExtents implements Iterator<Extent> {
  private final ChunkFetcher fetcher;
  private final Iterator<Extent> chunks;
  private final ExtentDecoder decoder = new ExtentDecoder();
  private final Deque<Extent> ready = new ArrayDeque<>();

  StoredExtents(ChunkFetcher fetcher, Content.Inline list) {
    this.fetcher = fetcher;
    this.chunks = list.extents().iterator();
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && chunks.hasNext()) {
      if (chunks.next() instanceof Extent.Data data) {
        byte[] chunk = Waits.get(fetcher.fetch(data.chunk()));
        ready.addAll(decoder.next(chunk, !chunks.hasNext()));
      }
    }
    return !ready.isEmpty();
  }

  @Override
  public Extent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more extents");
    }
    return ready.remove();
  }
}
