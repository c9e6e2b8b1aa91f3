package io.lifeboat.repository;

import java.util.Arrays;
import java.util.Optional;

/**
 * Where each known chunk of one domain lies: an open-addressing table from chunk id to pack number
 * and ordinal, 40 bytes an entry at a load of at most two thirds. Thread-safe.
 */
final class ChunkIndex {
  private static final int CLAIMED = -1;
  private static final int FREE = -2;

  private byte[] ids = new byte[0];
  private int[] packs = new int[0];
  private int[] ordinals = new int[0];
  private int size;

  ChunkIndex(int expectedChunks) {
    allocate(Math.max(1024, Integer.highestOneBit(expectedChunks) * 4));
  }

  /** Where a chunk lies. */
  record Location(int pack, int ordinal) {}

  /** What a claim found. */
  sealed interface Claim {
    /** Nobody has it: the caller stores it and calls {@link ChunkIndex#settle}. */
    record Granted() implements Claim {}

    /** Somebody else of this run is storing it. */
    record Pending() implements Claim {}

    /** It is stored. */
    record Stored(Location location) implements Claim {}
  }

  private static final Claim GRANTED = new Claim.Granted();
  private static final Claim PENDING = new Claim.Pending();

  /** Adds a chunk that is stored; a chunk that is known already keeps its place. */
  synchronized void add(ChunkId chunk, Location location) {
    int at = slotOf(chunk);
    if (packs[at] == FREE) {
      occupy(at, chunk, location.pack(), location.ordinal());
    }
  }

  synchronized Optional<Location> find(ChunkId chunk) {
    int at = slotOf(chunk);
    return packs[at] < 0 ? Optional.empty() : Optional.of(new Location(packs[at], ordinals[at]));
  }

  /** Asks who stores a chunk; exactly one caller is granted it. */
  synchronized Claim claim(ChunkId chunk) {
    int at = slotOf(chunk);
    return switch (packs[at]) {
      case FREE -> {
        occupy(at, chunk, CLAIMED, 0);
        yield GRANTED;
      }
      case CLAIMED -> PENDING;
      default -> new Claim.Stored(new Location(packs[at], ordinals[at]));
    };
  }

  /** A granted chunk was put into a pack. */
  synchronized void settle(ChunkId chunk, Location location) {
    int at = slotOf(chunk);
    packs[at] = location.pack();
    ordinals[at] = location.ordinal();
  }

  private void occupy(int at, ChunkId chunk, int pack, int ordinal) {
    System.arraycopy(chunk.bytes(), 0, ids, at * ChunkId.BYTES, ChunkId.BYTES);
    packs[at] = pack;
    ordinals[at] = ordinal;
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
