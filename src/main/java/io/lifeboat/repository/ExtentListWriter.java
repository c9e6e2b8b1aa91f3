package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Writes the extents of a very long file as chunks, as they become known. Holds one chunk of the
 * list, and an id for each that was written. Not thread-safe.
 */
final class ExtentListWriter {
  /** How long a chunk of a list is, but for the last. */
  static final int CHUNK_BYTES = 1 << 20;

  private final ChunkPipeline pipeline;
  private final Consumer<byte[]> copy;
  private final List<CompletableFuture<Extent>> chunks = new ArrayList<>();
  private byte[] open = new byte[CHUNK_BYTES];
  private int filled;
  private long sizeBytes;

  /**
   * An empty list.
   *
   * @param copy gets each chunk, which it does not change
   */
  ExtentListWriter(ChunkPipeline pipeline, Consumer<byte[]> copy) {
    this.pipeline = pipeline;
    this.copy = copy;
  }

  void add(List<Extent> extents) {
    var out = new Encoder();
    extents.forEach(extent -> TreeCodec.extent(extent, out));
    byte[] bytes = out.done();
    for (int at = 0; at < bytes.length; ) {
      int step = Math.min(bytes.length - at, CHUNK_BYTES - filled);
      System.arraycopy(bytes, at, open, filled, step);
      filled += step;
      at += step;
      if (filled == CHUNK_BYTES) {
        emit();
      }
    }
  }

  private void emit() {
    byte[] chunk = Arrays.copyOf(open, filled);
    filled = 0;
    sizeBytes += chunk.length;
    copy.accept(chunk);
    chunks.add(
        pipeline
            .submit(ChunkType.TREE, chunk)
            .thenApply(id -> new Extent.Data(id, 0, chunk.length)));
  }

  /** No more extents follow. */
  CompletableFuture<Content.Inline> finish() {
    if (filled > 0) {
      emit();
    }
    open = new byte[0];
    return CompletableFuture.allOf(chunks.toArray(CompletableFuture<?>[]::new))
        .thenApply(done ->
            new Content.Inline(sizeBytes, chunks.stream().map(CompletableFuture::join).toList()));
  }
}
