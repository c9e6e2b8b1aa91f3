package io.lifeboat.repository;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The extents of a very long file, whose encoding is stored as chunks: opened a chunk at a time.
 * Not thread-safe.
 */
final class StoredExtents implements Iterator<Extent> {
  /** No encoded extent is longer: kind, id, two numbers. */
  private static final int LONGEST_EXTENT_BYTES = 1 + ChunkId.BYTES + 10 + 10;

  private final ChunkFetcher fetcher;
  private final Iterator<Extent> chunks;
  private final Deque<Extent> ready = new ArrayDeque<>();
  private byte[] rest = new byte[0];

  StoredExtents(ChunkFetcher fetcher, Content.Inline list) {
    this.fetcher = fetcher;
    this.chunks = list.extents().iterator();
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && chunks.hasNext()) {
      if (chunks.next() instanceof Extent.Data data) {
        decode(Waits.get(fetcher.fetch(data.chunk())));
      }
    }
    return !ready.isEmpty();
  }

  private void decode(byte[] chunk) {
    var joined = new ByteArrayOutputStream(rest.length + chunk.length);
    joined.writeBytes(rest);
    joined.writeBytes(chunk);
    byte[] bytes = joined.toByteArray();
    var in = new Decoder(bytes, "an extent list");
    // An extent may be cut by the end of the chunk, unless it is the last one.
    int whole = chunks.hasNext() ? LONGEST_EXTENT_BYTES : 1;
    while (in.remaining() >= whole) {
      ready.add(TreeCodec.extent(in));
    }
    rest = in.raw(in.remaining());
  }

  @Override
  public Extent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more extents");
    }
    return ready.remove();
  }
}
