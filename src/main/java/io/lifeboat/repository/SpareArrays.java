package io.lifeboat.repository;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Large arrays to be used again: each chunk needs some for a moment, and as garbage they would cost
 * more than a tenth of a backup. Those kept have {@value #KEPT_BYTES} bytes, which holds most
 * chunks; much smaller and larger ones are made and forgotten. Thread-safe.
 */
final class SpareArrays {
  private static final int KEPT_BYTES = 1 << 20;
  private static final int WORTH_KEEPING_BYTES = 128 << 10;

  private final BlockingQueue<byte[]> kept;

  /** Keeps up to so many arrays. */
  SpareArrays(int mostKept) {
    this.kept = new ArrayBlockingQueue<>(mostKept);
  }

  /** An array of at least so many bytes, with anything in it. */
  byte[] take(int atLeastBytes) {
    if (atLeastBytes < WORTH_KEEPING_BYTES || atLeastBytes > KEPT_BYTES) {
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
