package io.lifeboat.repository;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * zstd's working memory, used again: made anew for each chunk it costs a tenth of the compression
 * and a quarter of the way back. A few of each kind stay for as long as the process runs, more are
 * there only while more threads work. Thread-safe.
 */
final class ZstdContexts {
  private static final int MOST_KEPT = 8;
  private static final Contexts<ZstdCompressCtx> COMPRESSING =
      new Contexts<>(ZstdCompressCtx::new, ZstdCompressCtx::close);
  private static final Contexts<ZstdDecompressCtx> DECOMPRESSING =
      new Contexts<>(ZstdDecompressCtx::new, ZstdDecompressCtx::close);

  private ZstdContexts() {}

  /**
   * Packs the first {@code length} bytes into one frame.
   *
   * @param into has room for {@link Zstd#compressBound} of them
   * @return the frame's length
   */
  static int compress(int level, byte[] plain, int length, byte[] into) {
    return COMPRESSING.with(context ->
        context.setLevel(level).compressByteArray(into, 0, into.length, plain, 0, length));
  }

  /**
   * Unpacks one frame, the first {@code packedBytes} of an array.
   *
   * @param plainBytes how many may come out at most
   * @return how many did; negative if that is no frame, or one of more bytes
   */
  static int decompress(byte[] packed, int packedBytes, byte[] into, int plainBytes) {
    return DECOMPRESSING.with(context -> {
      try {
        return context.decompressByteArray(into, 0, plainBytes, packed, 0, packedBytes);
      } catch (ZstdException e) {
        return -1;
      }
    });
  }

  /** Contexts of one kind; those in the queue are used by nobody. */
  private static final class Contexts<T> {
    private final BlockingQueue<T> idle = new ArrayBlockingQueue<>(MOST_KEPT);
    private final Supplier<T> another;
    private final Consumer<T> end;

    Contexts(Supplier<T> another, Consumer<T> end) {
      this.another = another;
      this.end = end;
    }

    int with(ToIntFunction<T> work) {
      T found = idle.poll();
      T context = found == null ? another.get() : found;
      boolean sound = false;
      try {
        int result = work.applyAsInt(context);
        sound = true;
        return result;
      } finally {
        if (!sound || !idle.offer(context)) {
          end.accept(context);
        }
      }
    }
  }
}
