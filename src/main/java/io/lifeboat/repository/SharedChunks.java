package io.lifeboat.repository;

import io.lifeboat.repository.chunking.Cutter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The stream that small files share: they are chunked as if they were one file, and each is an
 * extent or two of it. Not thread-safe; one file at a time.
 */
final class SharedChunks {
  private static final byte[] ZEROS = new byte[4096];

  private final ChunkStream stream;
  private final Deque<Span> spans = new ArrayDeque<>();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long writtenBytes;
  private long finishedBytes;
  private long cutBytes;

  SharedChunks(Cutter cutter, ChunkPipeline pipeline) {
    this.stream = new ChunkStream(cutter, ChunkType.DATA, pipeline, this::chunk);
  }

  /** A chunk's place in the stream. */
  private record Span(long start, long end, CompletableFuture<ChunkId> chunk) {}

  /** A file's place in the stream, until the chunks that cover it are cut. */
  private record Waiting(
      long start, long end, byte[] sha256, CompletableFuture<StoredContent> answer) {}

  /** Takes the next small file. */
  ContentWriter open() {
    long start = writtenBytes;
    var hash = new ContentHash();
    return new ContentWriter() {
      @Override
      public void write(byte[] bytes, int offset, int lengthBytes) {
        hash.bytes(bytes, offset, lengthBytes);
        writtenBytes += lengthBytes;
        stream.write(bytes, offset, lengthBytes);
      }

      @Override
      public void hole(long lengthBytes) {
        // A hole inside a shared chunk would end the run; small holes cost next to nothing once
        // compressed.
        for (long rest = lengthBytes; rest > 0; rest -= ZEROS.length) {
          write(ZEROS, 0, (int) Math.min(rest, ZEROS.length));
        }
      }

      @Override
      public CompletableFuture<StoredContent> finish() {
        var answer = new CompletableFuture<StoredContent>();
        finishedBytes = writtenBytes;
        waiting.add(new Waiting(start, writtenBytes, hash.done(), answer));
        resolve();
        return answer;
      }
    };
  }

  /** Ends the open chunk, so that every file gets its answer. */
  void flush() {
    stream.flush();
  }

  private void chunk(CompletableFuture<ChunkId> id, int lengthBytes) {
    spans.add(new Span(cutBytes, cutBytes + lengthBytes, id));
    cutBytes += lengthBytes;
    resolve();
  }

  private void resolve() {
    while (!waiting.isEmpty() && waiting.getFirst().end() <= cutBytes) {
      answer(waiting.removeFirst());
    }
    long needed = waiting.isEmpty() ? finishedBytes : waiting.getFirst().start();
    while (!spans.isEmpty() && spans.getFirst().end() <= needed) {
      spans.removeFirst();
    }
  }

  private void answer(Waiting file) {
    var parts = new ArrayList<Span>();
    for (Span span : spans) {
      if (Math.max(span.start(), file.start()) < Math.min(span.end(), file.end())) {
        parts.add(span);
      }
    }
    var _ =
        CompletableFuture.allOf(
                parts.stream().map(Span::chunk).toArray(CompletableFuture<?>[]::new))
            .thenApply(done -> new StoredContent(content(file, parts), Optional.of(file.sha256())))
            .whenComplete((stored, problem) -> {
              if (problem == null) {
                file.answer().complete(stored);
              } else {
                file.answer().completeExceptionally(problem);
              }
            });
  }

  private static Content content(Waiting file, List<Span> parts) {
    var extents = new ArrayList<Extent>(parts.size());
    for (Span span : parts) {
      long from = Math.max(span.start(), file.start());
      long to = Math.min(span.end(), file.end());
      extents.add(new Extent.Data(span.chunk().join(), (int) (from - span.start()), to - from));
    }
    return new Content.Inline(file.end() - file.start(), extents);
  }
}
