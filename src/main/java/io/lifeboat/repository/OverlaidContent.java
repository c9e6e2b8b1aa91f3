package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lays new bytes over earlier contents. All new bytes of the file are written as contents of their
 * own, one piece behind the other, so that single pages share chunks; the file's extents are cut
 * from the two. In memory are the extents of one file, and of each that is not resolved yet.
 */
final class OverlaidContent implements ContentOverlay {
  private final Parts parts;
  private final Supplier<ContentWriter> patches;
  private final Resolution resolution;
  private Optional<ContentWriter> patch = Optional.empty();

  /**
   * What is needed to make extents of it in the end.
   *
   * @param need notes that a chunk of the earlier contents is needed, and throws if it is not known
   * @param listCopy gets the chunks of the list of extents, should that be long
   */
  record Resolution(
      Function<Content, List<Extent>> extents,
      Consumer<ChunkId> need,
      ChunkPipeline pipeline,
      Consumer<byte[]> listCopy,
      Executor executor) {}

  /**
   * Begins.
   *
   * @param patches where the new bytes go; asked at most once, at the first of them
   */
  OverlaidContent(Content earlier, Supplier<ContentWriter> patches, Resolution resolution) {
    this.parts = new Parts(earlier);
    this.patches = patches;
    this.resolution = resolution;
  }

  /** Which bytes are whose, in runs. */
  private static final class Parts {
    private final Content earlier;
    private final List<Part> runs = new ArrayList<>();
    private long sizeBytes;

    private Parts(Content earlier) {
      this.earlier = earlier;
    }

    private void add(Source source, long lengthBytes) {
      if (lengthBytes > 0) {
        boolean goesOn = !runs.isEmpty() && runs.getLast().source() == source;
        long before = goesOn ? runs.removeLast().lengthBytes() : 0;
        runs.add(new Part(source, before + lengthBytes));
        sizeBytes += lengthBytes;
      }
    }
  }

  private enum Source {
    EARLIER,
    NEW,
    ZEROS
  }

  private record Part(Source source, long lengthBytes) {}

  @Override
  public void keep(long lengthBytes) {
    parts.add(Source.EARLIER, lengthBytes);
  }

  @Override
  public void hole(long lengthBytes) {
    parts.add(Source.ZEROS, lengthBytes);
  }

  @Override
  public void write(byte[] bytes, int offset, int lengthBytes) {
    if (patch.isEmpty()) {
      patch = Optional.of(patches.get());
    }
    patch.get().write(bytes, offset, lengthBytes);
    parts.add(Source.NEW, lengthBytes);
  }

  @Override
  public CompletableFuture<StoredContent> finish() {
    CompletableFuture<Content> patched =
        patch
            .map(writer -> writer.finish().thenApply(StoredContent::content))
            .orElseGet(() -> CompletableFuture.completedFuture(new Content.Inline(0, List.of())));
    return patched
        .thenComposeAsync(this::resolve, resolution.executor())
        .thenApply(content -> new StoredContent(content, Optional.empty()));
  }

  private CompletableFuture<Content> resolve(Content patched) {
    var joined = new JoinedExtents();
    var old = new ExtentCursor(resolution.extents().apply(parts.earlier));
    var fresh = new ExtentCursor(resolution.extents().apply(patched));
    for (Part run : parts.runs) {
      switch (run.source()) {
        case EARLIER ->
            old.take(
                run.lengthBytes(),
                extent -> {
                  if (extent instanceof Extent.Data data) {
                    resolution.need().accept(data.chunk());
                  }
                  joined.add(extent);
                });
        case NEW -> {
          old.skip(run.lengthBytes());
          fresh.take(run.lengthBytes(), joined::add);
        }
        case ZEROS -> {
          old.skip(run.lengthBytes());
          joined.add(new Extent.Hole(run.lengthBytes()));
        }
      }
    }
    List<Extent> extents = joined.extents();
    if (extents.size() <= OwnChunks.INLINE_EXTENTS) {
      return CompletableFuture.completedFuture(new Content.Inline(parts.sizeBytes, extents));
    }
    var list = new ExtentListWriter(resolution.pipeline(), resolution.listCopy());
    list.add(extents);
    return list.finish().thenApply(stored -> new Content.Indirect(parts.sizeBytes, stored));
  }
}
