package io.lifeboat.repository;

import io.lifeboat.repository.chunking.Cutter;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * One stream of bytes on its way through a cutter: collects the open chunk and hands each finished
 * one on. Not thread-safe.
 */
final class ChunkStream {
  private final Cutter cutter;
  private final ChunkType type;
  private final ChunkPipeline pipeline;
  private final Listener listener;
  private byte[] open = new byte[64 << 10];
  private int filled;

  /** Hears of each chunk, in order. */
  interface Listener {
    void chunk(CompletableFuture<ChunkId> id, int lengthBytes);
  }

  ChunkStream(Cutter cutter, ChunkType type, ChunkPipeline pipeline, Listener listener) {
    this.cutter = cutter;
    this.type = type;
    this.pipeline = pipeline;
    this.listener = listener;
  }

  void write(byte[] bytes, int offset, int length) {
    int at = offset;
    int rest = length;
    while (rest > 0) {
      int step = Math.min(rest, cutter.maximumBytes() - filled);
      ensureRoom(filled + step);
      System.arraycopy(bytes, at, open, filled, step);
      int seen = filled;
      filled += step;
      at += step;
      rest -= step;
      cutAll(seen);
    }
  }

  private void cutAll(int seenBefore) {
    int seen = seenBefore;
    int cut = cutter.cut(open, seen, filled);
    while (cut != Cutter.NO_CUT) {
      emit(cut);
      cut = filled == 0 ? Cutter.NO_CUT : cutter.cut(open, 0, filled);
    }
  }

  private void emit(int length) {
    byte[] chunk = Arrays.copyOf(open, length);
    filled -= length;
    System.arraycopy(open, length, open, 0, filled);
    listener.chunk(pipeline.submit(type, chunk), length);
  }

  private void ensureRoom(int length) {
    if (open.length < length) {
      open =
          Arrays.copyOf(open, Math.min(cutter.maximumBytes(), Math.max(length, 2 * open.length)));
    }
  }

  /** Ends the chunk that is open, if it has any bytes. */
  void flush() {
    if (filled > 0) {
      emit(filled);
    }
  }
}
