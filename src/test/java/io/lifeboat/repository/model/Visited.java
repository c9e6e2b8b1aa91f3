package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * States that were reached, in the order of discovery, each with the one it was first reached from:
 * numbers back to back in blocks, and a hash table of ordinals with open addressing. States are
 * compared whole, never by hash alone.
 */
final class Visited {
  private static final int BLOCK_BITS = 18;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final List<int[]> blocks = new ArrayList<>();
  private int used = BLOCK;
  private int[] starts = new int[1 << 12];
  private int[] ends = new int[1 << 12];
  private int[] parents = new int[1 << 12];
  private int[] table = new int[1 << 13];
  private int size;

  int size() {
    return size;
  }

  /** Whether it is new. */
  boolean add(int[] words, int parent) {
    int cell = hash(words, 0, words.length) & table.length - 1;
    while (table[cell] != 0) {
      int other = table[cell] - 1;
      int[] block = blocks.get(starts[other] >> BLOCK_BITS);
      int from = starts[other] & BLOCK - 1;
      if (Arrays.equals(block, from, from + ends[other], words, 0, words.length)) {
        return false;
      }
      cell = cell + 1 & table.length - 1;
    }
    append(words, parent);
    table[cell] = size;
    if (size > table.length / 2) {
      grow();
    }
    return true;
  }

  private void append(int[] words, int parent) {
    if (used + words.length > BLOCK) {
      blocks.add(new int[BLOCK]);
      used = 0;
    }
    if (size == starts.length) {
      int larger = size + size / 2;
      starts = Arrays.copyOf(starts, larger);
      ends = Arrays.copyOf(ends, larger);
      parents = Arrays.copyOf(parents, larger);
    }
    System.arraycopy(words, 0, blocks.getLast(), used, words.length);
    starts[size] = (blocks.size() - 1 << BLOCK_BITS) + used;
    ends[size] = words.length;
    parents[size] = parent;
    used += words.length;
    size++;
  }

  private void grow() {
    table = new int[table.length * 2];
    for (int ordinal = 0; ordinal < size; ordinal++) {
      int[] block = blocks.get(starts[ordinal] >> BLOCK_BITS);
      int cell = hash(block, starts[ordinal] & BLOCK - 1, ends[ordinal]) & table.length - 1;
      while (table[cell] != 0) {
        cell = cell + 1 & table.length - 1;
      }
      table[cell] = ordinal + 1;
    }
  }

  private static int hash(int[] words, int from, int length) {
    long hash = length;
    for (int at = from; at < from + length; at++) {
      hash = (hash ^ words[at]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return (int) (hash >>> 7);
  }

  State state(int ordinal) {
    int[] block = blocks.get(starts[ordinal] >> BLOCK_BITS);
    int from = starts[ordinal] & BLOCK - 1;
    return new State(Arrays.copyOfRange(block, from, from + ends[ordinal]));
  }

  /** The states from the first to this one. */
  List<State> path(int ordinal) {
    List<State> path = new ArrayList<>();
    for (int at = ordinal; at >= 0; at = parents[at]) {
      path.addFirst(state(at));
    }
    return path;
  }
}
