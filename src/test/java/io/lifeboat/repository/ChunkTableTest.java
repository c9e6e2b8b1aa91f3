package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkTableTest {
  private final Random random = new Random(11);

  private ChunkId id() {
    byte[] id = new byte[ChunkId.BYTES];
    random.nextBytes(id);
    return new ChunkId(id);
  }

  /** The same first half, so that both land in one slot, and another rest. */
  private ChunkId neighbour(ChunkId chunk) {
    byte[] id = chunk.bytes().clone();
    id[ChunkId.BYTES - 1 - random.nextInt(ChunkId.BYTES / 2)] ^= (byte) (1 << random.nextInt(8));
    return new ChunkId(id);
  }

  @Test
  void keepsTheIntegersOfEachChunkApart() {
    var table = new ChunkTable(3);
    Map<ChunkId, Integer> expected = new HashMap<>();
    ChunkId chunk = id();
    for (int i = 0; i < 100_000; i++) {
      chunk = i % 3 == 0 ? neighbour(chunk) : id();
      int number = i;
      if (expected.putIfAbsent(chunk, number) == null) {
        assertThat(table.find(chunk)).isEqualTo(ChunkTable.ABSENT);
        assertThat(table.add(chunk)).isEqualTo(number);
        table.set(number, 0, number);
        table.set(number, 1, -number);
        table.set(number, 2, Integer.MIN_VALUE + number);
      }
    }

    expected.forEach((known, number) -> {
      assertThat(table.find(known)).isEqualTo(number);
      assertThat(table.get(number, 0)).isEqualTo(number);
      assertThat(table.get(number, 1)).isEqualTo(-number);
      assertThat(table.get(number, 2)).isEqualTo(Integer.MIN_VALUE + number);
    });
    for (int i = 0; i < 1000; i++) {
      assertThat(table.find(id())).isEqualTo(ChunkTable.ABSENT);
    }
  }

  @Test
  void aClaimIsGrantedOnceAndKnownOnceItIsSettled() {
    var chunks = new RunChunks();
    ChunkId chunk = id();
    var location = new ChunkIndex.Location(7, 1 << 20);

    assertThat(chunks.find(chunk)).isEmpty();
    assertThat(chunks.claim(chunk)).isEqualTo(ChunkIndex.Claim.GRANTED);
    assertThat(chunks.find(chunk)).isEmpty();
    assertThat(chunks.claim(chunk)).isEqualTo(ChunkIndex.Claim.PENDING);
    chunks.settle(chunk, location);
    assertThat(chunks.find(chunk)).contains(location);
    assertThat(chunks.claim(chunk))
        .isEqualTo(new ChunkIndex.Claim.Stored(location, ChunkIndex.Origin.THIS_RUN));
  }

  /** Two million of them, a tebibyte's, leave most of a small heap to the backup. */
  @Test
  void theChunksOfATebibyteTakeUpLittleHeap() {
    System.gc();
    long before = usedHeapBytes();
    var chunks = new RunChunks();
    int count = 2_000_000;
    for (int i = 0; i < count; i++) {
      ChunkId chunk = numbered(i);
      chunks.claim(chunk);
      chunks.settle(chunk, new ChunkIndex.Location(i / 100, i % 100));
    }
    System.gc();
    long after = usedHeapBytes();

    assertThat(after - before).isLessThan(32L << 20);
    for (int i = 0; i < count; i += 1009) {
      assertThat(chunks.find(numbered(i)))
          .isEqualTo(Optional.of(new ChunkIndex.Location(i / 100, i % 100)));
    }
  }

  private static ChunkId numbered(int number) {
    // Spread as ids are: by an odd factor.
    return new ChunkId(
        ByteBuffer.allocate(ChunkId.BYTES).putInt(number * 0x9e3779b1).putInt(4, number).array());
  }

  private static long usedHeapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
