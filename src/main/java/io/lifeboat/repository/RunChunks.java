package io.lifeboat.repository;

import java.util.Arrays;
import java.util.Optional;

/**
 * Where the chunks of the running backup lie that were not stored before: an open-addressing table
 * on the heap, 40 bytes an entry at a load of at most two thirds. Thread-safe.
 */
final class RunChunks {
  private static final int FIRST_CAPACITY = 4096;
  private static final int CLAIMED = -1;
  private static final int FREE = -2;

  private byte[] ids = new byte[0];
  private int[] packs = new int[0];
  private int[] ordinals = new int[0];
  private int size;

  RunChunks() {
    allocate(FIRST_CAPACITY);
  }

  synchronized Optional<ChunkIndex.Location> find(ChunkId chunk) {
    int at = slotOf(chunk);
    return packs[at] < 0
        ? Optional.empty()
        : Optional.of(new ChunkIndex.Location(packs[at], ordinals[at]));
  }

  /** Asks who stores a chunk; exactly one caller is granted it. */
  synchronized ChunkIndex.Claim claim(ChunkId chunk) {
    int at = slotOf(chunk);
    return switch (packs[at]) {
      case FREE -> {
        occupy(at, chunk);
        yield ChunkIndex.Claim.GRANTED;
      }
      case CLAIMED -> ChunkIndex.Claim.PENDING;
      default ->
          new ChunkIndex.Claim.Stored(
              new ChunkIndex.Location(packs[at], ordinals[at]), ChunkIndex.Origin.THIS_RUN);
    };
  }

  /** A granted chunk was put into a pack. */
  synchronized void settle(ChunkId chunk, ChunkIndex.Location location) {
    int at = slotOf(chunk);
    packs[at] = location.pack();
    ordinals[at] = location.ordinal();
  }

  private void occupy(int at, ChunkId chunk) {
    System.arraycopy(chunk.bytes(), 0, ids, at * ChunkId.BYTES, ChunkId.BYTES);
    packs[at] = CLAIMED;
    if (++size > packs.length / 3 * 2) {
      grow();
    }
  }

  private int slotOf(ChunkId chunk) {
    int mask = packs.length - 1;
    int at = chunk.hashCode() & mask;
    while (packs[at] != FREE && !holds(at, chunk)) {
      at = at + 1 & mask;
    }
    return at;
  }

  private boolean holds(int at, ChunkId chunk) {
    int from = at * ChunkId.BYTES;
    return Arrays.equals(ids, from, from + ChunkId.BYTES, chunk.bytes(), 0, ChunkId.BYTES);
  }

  private void allocate(int capacity) {
    ids = new byte[Math.multiplyExact(capacity, ChunkId.BYTES)];
    packs = new int[capacity];
    ordinals = new int[capacity];
    Arrays.fill(packs, FREE);
  }

  private void grow() {
    byte[] oldIds = ids;
    int[] oldPacks = packs;
    int[] oldOrdinals = ordinals;
    allocate(oldPacks.length * 2);
    for (int i = 0; i < oldPacks.length; i++) {
      if (oldPacks[i] != FREE) {
        var chunk =
            new ChunkId(Arrays.copyOfRange(oldIds, i * ChunkId.BYTES, (i + 1) * ChunkId.BYTES));
        int at = slotOf(chunk);
        System.arraycopy(chunk.bytes(), 0, ids, at * ChunkId.BYTES, ChunkId.BYTES);
        packs[at] = oldPacks[i];
        ordinals[at] = oldOrdinals[i];
      }
    }
  }
}
