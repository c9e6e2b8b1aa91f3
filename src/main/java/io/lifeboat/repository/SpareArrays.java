package io.lifeboat.repository;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Large arrays to be used again: each chunk needs some for a moment, and as garbage they would cost
 * more than a tenth of a backup. Keeps at most {@value #MOST_KEPT} of {@value #KEPT_BYTES} bytes
 * each, which holds most chunks; larger ones are made and forgotten. Thread-safe.
 */
final class SpareArrays {
  private static final int KEPT_BYTES = 4 << 20;
  private static final int MOST_KEPT = 16;

  private final BlockingQueue<byte[]> kept = new ArrayBlockingQueue<>(MOST_KEPT);

  /** An array of at least so many bytes, with anything in it. */
  byte[] take(int atLeastBytes) {
    if (atLeastBytes > KEPT_BYTES) {
      return new byte[atLeastBytes];
    }
    byte[] spare = kept.poll();
    return spare == null ? new byte[KEPT_BYTES] : spare;
  }

  /** Gives back what was taken and is no longer used. */
  void give(byte[] array) {
    if (array.length == KEPT_BYTES) {
      var _ = kept.offer(array);
    }
  }
}
