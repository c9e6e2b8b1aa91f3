package io.lifeboat.repository;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers chunks from 0 on in the order in which they come, and keeps some integers of each.
 *
 * <p>A tebibyte has some two million chunks, so they lie off the heap: 32 bytes and the integers;
 * on the heap are 6 to 12 bytes more for the hash table. That memory is given back some time after
 * the last use. Not thread-safe, but once filled it may be read by many.
 */
final class ChunkTable {
  /** The number of no chunk. */
  static final int ABSENT = -1;

  private static final int BLOCK = 1 << 14;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofAuto();
  private final List<MemorySegment> blocks = new ArrayList<>();
  private final int recordBytes;
  private int[] table = absent(BLOCK);
  private int size;

  /** An empty table with so many integers for each chunk. */
  ChunkTable(int integers) {
    this.recordBytes = ChunkId.BYTES + integers * Integer.BYTES;
  }

  /** A chunk's number, or {@link #ABSENT}. */
  int find(ChunkId chunk) {
    return table[slotOf(chunk)];
  }

  /** Numbers a chunk that is absent; its integers are 0. */
  int add(ChunkId chunk) {
    if (size % BLOCK == 0) {
      blocks.add(arena.allocate((long) BLOCK * recordBytes));
    }
    int number = size++;
    MemorySegment.copy(
        chunk.bytes(), 0, block(number), ValueLayout.JAVA_BYTE, at(number), ChunkId.BYTES);
    table[slotOf(chunk)] = number;
    if (size > table.length / 3 * 2) {
      grow();
    }
    return number;
  }

  /** One of the integers of a chunk. */
  int get(int number, int integer) {
    return block(number).get(INT, at(number, integer));
  }

  /** Sets one of the integers of a chunk. */
  void set(int number, int integer, int value) {
    block(number).set(INT, at(number, integer), value);
  }

  private MemorySegment block(int number) {
    return blocks.get(number / BLOCK);
  }

  private long at(int number) {
    return (long) (number % BLOCK) * recordBytes;
  }

  private long at(int number, int integer) {
    return at(number) + ChunkId.BYTES + (long) integer * Integer.BYTES;
  }

  private int slotOf(ChunkId chunk) {
    int mask = table.length - 1;
    int slot = chunk.hashCode() & mask;
    while (table[slot] != ABSENT && !holds(table[slot], chunk)) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private boolean holds(int number, ChunkId chunk) {
    long at = at(number);
    MemorySegment wanted = MemorySegment.ofArray(chunk.bytes());
    return MemorySegment.mismatch(block(number), at, at + ChunkId.BYTES, wanted, 0, ChunkId.BYTES)
        == -1;
  }

  private void grow() {
    table = absent(table.length * 2);
    int mask = table.length - 1;
    for (int number = 0; number < size; number++) {
      // An id's first four bytes are its hash.
      int slot = block(number).get(INT, at(number)) & mask;
      while (table[slot] != ABSENT) {
        slot = slot + 1 & mask;
      }
      table[slot] = number;
    }
  }

  private static int[] absent(int capacity) {
    int[] table = new int[capacity];
    Arrays.fill(table, ABSENT);
    return table;
  }
}
