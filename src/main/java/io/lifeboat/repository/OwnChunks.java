package io.lifeboat.repository;

import io.lifeboat.repository.chunking.Cutter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Contents that have chunks of their own. Extents of a very long file are themselves written as
 * chunks as they become known, so that neither bytes nor extents pile up in memory.
 */
final class OwnChunks implements ContentWriter {
  /** Up to so many extents stay in the directory's listing. */
  static final int INLINE_EXTENTS = 1024;

  private static final int UNRESOLVED = 256;

  private final ContentHash hash = new ContentHash();
  private final ChunkPipeline pipeline;
  private final ChunkStream stream;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final List<Extent> extents = new ArrayList<>();
  private final Consumer<byte[]> listCopy;
  private Optional<ExtentListWriter> longList = Optional.empty();
  private long sizeBytes;

  /**
   * Begins contents.
   *
   * @param listCopy gets the chunks of the list of extents, should that be long
   */
  OwnChunks(Cutter cutter, ChunkType type, ChunkPipeline pipeline, Consumer<byte[]> listCopy) {
    this.pipeline = pipeline;
    this.listCopy = listCopy;
    this.stream = new ChunkStream(cutter, type, pipeline, this::chunk);
  }

  /** An extent that waits for its chunk's id; a hole waits for none. */
  private record Pending(Optional<CompletableFuture<ChunkId>> chunk, long lengthBytes) {
    Extent resolved() {
      return chunk
          .map(id -> (Extent) new Extent.Data(id.join(), 0, lengthBytes))
          .orElseGet(() -> new Extent.Hole(lengthBytes));
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int lengthBytes) {
    hash.bytes(bytes, offset, lengthBytes);
    sizeBytes += lengthBytes;
    stream.write(bytes, offset, lengthBytes);
  }

  @Override
  public void hole(long lengthBytes) {
    stream.flush();
    hash.zeros(lengthBytes);
    sizeBytes += lengthBytes;
    add(new Pending(Optional.empty(), lengthBytes));
  }

  private void chunk(CompletableFuture<ChunkId> id, int lengthBytes) {
    add(new Pending(Optional.of(id), lengthBytes));
  }

  private void add(Pending next) {
    pending.add(next);
    if (pending.size() > UNRESOLVED) {
      keep(pending.remove().resolved());
    }
  }

  private void keep(Extent extent) {
    extents.add(extent);
    if (extents.size() > INLINE_EXTENTS) {
      spill();
    }
  }

  private void spill() {
    ExtentListWriter list = longList.orElseGet(() -> new ExtentListWriter(pipeline, listCopy));
    longList = Optional.of(list);
    list.add(extents);
    extents.clear();
  }

  @Override
  public CompletableFuture<StoredContent> finish() {
    stream.flush();
    Optional<byte[]> sha256 = Optional.of(hash.done());
    if (longList.isEmpty() && extents.size() + pending.size() <= INLINE_EXTENTS) {
      var ids =
          pending.stream().flatMap(p -> p.chunk().stream()).toArray(CompletableFuture<?>[]::new);
      return CompletableFuture.allOf(ids)
          .thenApply(done -> {
            pending.forEach(p -> extents.add(p.resolved()));
            return new StoredContent(new Content.Inline(sizeBytes, extents), sha256);
          });
    }
    pending.forEach(p -> keep(p.resolved()));
    pending.clear();
    spill();
    return longList
        .orElseThrow()
        .finish()
        .thenApply(list -> new StoredContent(new Content.Indirect(sizeBytes, list), sha256));
  }
}
