package io.lifeboat.repository;

import java.util.Optional;

/**
 * Where the chunks of the running backup lie that were not stored before, 40 bytes each off the
 * heap. Thread-safe.
 */
final class RunChunks {
  private static final int PACK = 0;
  private static final int ORDINAL = 1;
  private static final int CLAIMED = -1;

  private final ChunkTable table = new ChunkTable(2);

  synchronized Optional<ChunkIndex.Location> find(ChunkId chunk) {
    int number = table.find(chunk);
    return number == ChunkTable.ABSENT || table.get(number, PACK) == CLAIMED
        ? Optional.empty()
        : Optional.of(location(number));
  }

  /** Asks who stores a chunk; exactly one caller is granted it. */
  synchronized ChunkIndex.Claim claim(ChunkId chunk) {
    int number = table.find(chunk);
    if (number == ChunkTable.ABSENT) {
      table.set(table.add(chunk), PACK, CLAIMED);
      return ChunkIndex.Claim.GRANTED;
    }
    return table.get(number, PACK) == CLAIMED
        ? ChunkIndex.Claim.PENDING
        : new ChunkIndex.Claim.Stored(location(number), ChunkIndex.Origin.THIS_RUN);
  }

  /** A granted chunk was put into a pack. */
  synchronized void settle(ChunkId chunk, ChunkIndex.Location location) {
    int number = table.find(chunk);
    table.set(number, PACK, location.pack());
    table.set(number, ORDINAL, location.ordinal());
  }

  private ChunkIndex.Location location(int number) {
    return new ChunkIndex.Location(table.get(number, PACK), table.get(number, ORDINAL));
  }
}
