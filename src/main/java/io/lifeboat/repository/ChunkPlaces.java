package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where the chunks of a snapshot lie, on the heap: 56 bytes a chunk and a hash table of 6 to 12
 * more, so that a tebibyte of files takes up some 45 MB. For many readers once all is added.
 */
final class ChunkPlaces {
  private static final int BLOCK = 1 << 14;
  private static final int NUMBERS = 6;
  private static final int FREE = -1;
  private static final List<ChunkType> TYPES = List.of(ChunkType.values());
  private static final List<Codec> CODECS = List.of(Codec.values());

  private final List<Run> runs = new ArrayList<>();
  private final List<byte[]> ids = new ArrayList<>();
  private final List<int[]> numbers = new ArrayList<>();
  private int[] table = free(BLOCK);
  private int size;

  /**
   * A stretch of a pack that is read at once.
   *
   * @param pack without its lists, of which there may be very many
   */
  record Run(PackIndexReader.OpenedPack pack, long startBytes, int lengthBytes) {
    // Two openings of one pack are two runs: each brings its own bytes.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(Object other) {
      return other instanceof Run that
          && pack == that.pack
          && startBytes == that.startBytes
          && lengthBytes == that.lengthBytes;
    }

    @Override
    public int hashCode() {
      return 31 * pack.ref().hashCode() + Long.hashCode(startBytes);
    }
  }

  /** Where a chunk is found. */
  record Place(PackEntry entry, Run run) {
    /** The same, in a run of its own. */
    Place alone() {
      return new Place(entry, new Run(run.pack(), entry.offsetBytes(), entry.sealedBytes()));
    }
  }

  /** Adds chunks that lie in one run; those that are known already stay where they are. */
  void add(Run run, List<PackEntry> entries) {
    runs.add(run);
    for (PackEntry entry : entries) {
      int slot = slotOf(entry.chunk());
      if (table[slot] == FREE) {
        table[slot] = size;
        append(entry, run);
        if (size > table.length / 3 * 2) {
          grow();
        }
      }
    }
  }

  private void append(PackEntry entry, Run run) {
    if (size % BLOCK == 0) {
      ids.add(new byte[BLOCK * ChunkId.BYTES]);
      numbers.add(new int[BLOCK * NUMBERS]);
    }
    int at = size % BLOCK;
    System.arraycopy(entry.chunk().bytes(), 0, ids.getLast(), at * ChunkId.BYTES, ChunkId.BYTES);
    int[] to = numbers.getLast();
    int first = at * NUMBERS;
    to[first] = runs.size() - 1;
    to[first + 1] = (int) (entry.offsetBytes() - run.startBytes());
    to[first + 2] = entry.sealedBytes();
    to[first + 3] = entry.plainBytes();
    to[first + 4] = entry.slot();
    to[first + 5] = TYPES.indexOf(entry.type()) * CODECS.size() + CODECS.indexOf(entry.codec());
    size++;
  }

  /** Where a chunk lies; empty if none of the packs that were added has it. */
  Optional<Place> find(ChunkId chunk) {
    int number = table[slotOf(chunk)];
    if (number == FREE) {
      return Optional.empty();
    }
    int[] from = numbers.get(number / BLOCK);
    int first = number % BLOCK * NUMBERS;
    Run run = runs.get(from[first]);
    int kind = from[first + 5];
    return Optional.of(
        new Place(
            new PackEntry(
                chunk,
                from[first + 4],
                TYPES.get(kind / CODECS.size()),
                CODECS.get(kind % CODECS.size()),
                run.startBytes() + from[first + 1],
                from[first + 2],
                from[first + 3]),
            run));
  }

  /** All runs. */
  List<Run> runs() {
    return runs;
  }

  private int slotOf(ChunkId chunk) {
    int mask = table.length - 1;
    int slot = chunk.hashCode() & mask;
    while (table[slot] != FREE && !holds(table[slot], chunk)) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private boolean holds(int number, ChunkId chunk) {
    int from = number % BLOCK * ChunkId.BYTES;
    byte[] block = ids.get(number / BLOCK);
    return Arrays.equals(block, from, from + ChunkId.BYTES, chunk.bytes(), 0, ChunkId.BYTES);
  }

  private void grow() {
    table = free(table.length * 2);
    for (int number = 0; number < size; number++) {
      int from = number % BLOCK * ChunkId.BYTES;
      byte[] block = ids.get(number / BLOCK);
      table[slotOf(new ChunkId(Arrays.copyOfRange(block, from, from + ChunkId.BYTES)))] = number;
    }
  }

  private static int[] free(int capacity) {
    int[] table = new int[capacity];
    Arrays.fill(table, FREE);
    return table;
  }
}
