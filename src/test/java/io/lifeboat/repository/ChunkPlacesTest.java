package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkPlacesTest {
  private final Random random = new Random(5);
  private final ChunkPlaces places = new ChunkPlaces();

  private ChunkId id() {
    byte[] id = new byte[ChunkId.BYTES];
    random.nextBytes(id);
    return new ChunkId(id);
  }

  private ChunkPlaces.Run run(long startBytes) {
    byte[] id = new byte[PackId.BYTES];
    random.nextBytes(id);
    var ref = new PackRef(new PackId(id), PackKind.DATA, 1L << 40);
    var pack = new PackIndexReader.OpenedPack(ref, List.of(), List.of(), List.of());
    return new ChunkPlaces.Run(pack, startBytes, 8 << 20);
  }

  private PackEntry entry(ChunkId chunk, long offsetBytes) {
    return new PackEntry(
        chunk,
        random.nextInt(100_000),
        ChunkType.values()[random.nextInt(4)],
        Codec.values()[random.nextInt(2)],
        offsetBytes,
        random.nextInt(17 << 20),
        random.nextInt(16 << 20));
  }

  @Test
  void everyChunkIsFoundWhereItWasPutFirst() {
    Map<ChunkId, ChunkPlaces.Place> expected = new HashMap<>();
    var seen = new ArrayList<ChunkId>();
    for (int i = 0; i < 4000; i++) {
      ChunkPlaces.Run run = run(random.nextLong(1L << 39));
      var entries = new ArrayList<PackEntry>();
      for (int j = 0; j < 20; j++) {
        ChunkId chunk = i > 0 && j == 0 ? seen.get(random.nextInt(seen.size())) : id();
        PackEntry entry = entry(chunk, run.startBytes() + random.nextInt(8 << 20));
        entries.add(entry);
        expected.putIfAbsent(chunk, new ChunkPlaces.Place(entry, run));
        seen.add(chunk);
      }
      places.add(run, entries);
    }

    expected.forEach((chunk, place) -> assertThat(places.find(chunk)).contains(place));
    for (int i = 0; i < 1000; i++) {
      assertThat(places.find(id())).isEmpty();
    }
  }
}
