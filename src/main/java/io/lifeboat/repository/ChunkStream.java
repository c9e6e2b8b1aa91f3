package io.lifeboat.repository;

import io.lifeboat.repository.chunking.Cutter;
import java.util.concurrent.CompletableFuture;

/**
 * One stream of bytes on its way through a cutter: collects the open chunk and hands each finished
 * one on. Not thread-safe.
 */
final class ChunkStream {
  private static final byte[] NOTHING = {};
  private static final int FIRST_BYTES = 64 << 10;
  private static final int LARGE_BYTES = 1 << 20;

  private final Cutter cutter;
  private final ChunkType type;
  private final ChunkPipeline pipeline;
  private final Listener listener;
  private byte[] open = NOTHING;
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

  /** Hands the open array on and goes on in another. */
  private void emit(int length) {
    byte[] chunk = open;
    int rest = filled - length;
    open = NOTHING;
    filled = 0;
    if (rest > 0) {
      ensureRoom(Math.max(rest, Math.min(chunk.length, LARGE_BYTES)));
      System.arraycopy(chunk, length, open, 0, rest);
      filled = rest;
    }
    listener.chunk(pipeline.submit(type, chunk, length), length);
  }

  private void ensureRoom(int length) {
    if (open.length < length) {
      byte[] larger = pipeline.spare().take(Math.max(length, sensible()));
      System.arraycopy(open, 0, larger, 0, filled);
      pipeline.spare().give(open);
      open = larger;
    }
  }

  /** How large the next array should be: most contents with chunks of some length are long. */
  private int sensible() {
    int most = cutter.maximumBytes();
    if (most >= LARGE_BYTES) {
      return open.length < LARGE_BYTES ? LARGE_BYTES : most;
    }
    return Math.min(most, Math.max(FIRST_BYTES, 2 * open.length));
  }

  /** Ends the chunk that is open, if it has any bytes. */
  void flush() {
    if (filled > 0) {
      emit(filled);
    }
  }
}
