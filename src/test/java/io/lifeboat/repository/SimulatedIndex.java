package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import io.lifeboat.store.PutOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A store that makes up the index segments of very many chunks when they are read, and lists their
 * packs, so that none of it takes memory or disk; and the {@link LocalIndex} made of it.
 */
public final class SimulatedIndex {
  private static final int CHUNKS_A_PACK = 32;
  private static final int PACKS_A_SEGMENT = DurablePacks.PACKS_A_SEGMENT;
  private static final int PACK_BYTES = 64 << 20;

  private final Path folder;
  private final long chunks;
  private final int[] sorted;
  private final MadeUpStore store = new MadeUpStore();
  private final IndexSegments segments =
      new IndexSegments(store, new MessageSealer(new SecureRandom()), "domain", new byte[32]);

  /** Of so many chunks; keeps its file in a folder. */
  public SimulatedIndex(Path folder, long chunks) throws IOException {
    this.folder = folder;
    this.chunks = chunks;
    this.sorted =
        IntStream.range(0, Math.toIntExact(packs()))
            .boxed()
            .sorted(Comparator.comparing(number -> pack(number).bytes(), Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    Files.createDirectories(folder.resolve("spool"));
  }

  /** Opens the index as a run does that begins. */
  public Opened open() {
    var place =
        new LocalIndex.Place(
            folder.resolve("index"), folder.resolve("spool"), new byte[IndexFile.OWNER_BYTES]);
    return new Opened(LocalIndex.open(place, store, segments, pack -> true));
  }

  /** How long the file is. */
  public long fileBytes() throws IOException {
    return Files.size(folder.resolve("index/chunks"));
  }

  /** An open index. */
  public final class Opened implements AutoCloseable {
    private final LocalIndex index;

    private Opened(LocalIndex index) {
      this.index = index;
    }

    /** Looks up chunks in no order, half of them known; answers how many were found. */
    public long lookUp(int count) {
      var random = new SplittableRandom(4);
      long found = 0;
      for (int i = 0; i < count; i++) {
        long number = random.nextLong(chunks);
        ChunkId chunk = chunk(i % 2 == 0 ? number : number + chunks);
        found += index.find(chunk).isPresent() ? 1 : 0;
      }
      return found;
    }

    @Override
    public void close() {
      index.close();
    }
  }

  private static ChunkId chunk(long number) {
    return new ChunkId(bytes(number));
  }

  private static PackId pack(long number) {
    return new PackId(bytes(~number));
  }

  private static byte[] bytes(long seed) {
    var random = new SplittableRandom(seed);
    var bytes = ByteBuffer.allocate(32);
    while (bytes.hasRemaining()) {
      bytes.putLong(random.nextLong());
    }
    return bytes.array();
  }

  private long packs() {
    return (chunks + CHUNKS_A_PACK - 1) / CHUNKS_A_PACK;
  }

  private List<IndexSegments.Pack> segment(long number) {
    var list = new ArrayList<IndexSegments.Pack>();
    long end = Math.min(packs(), (number + 1) * PACKS_A_SEGMENT);
    for (long pack = number * PACKS_A_SEGMENT; pack < end; pack++) {
      var ids = new ArrayList<ChunkId>();
      for (long chunk = pack * CHUNKS_A_PACK;
          chunk < Math.min(chunks, (pack + 1) * CHUNKS_A_PACK);
          chunk++) {
        ids.add(chunk(chunk));
      }
      list.add(new IndexSegments.Pack(new PackRef(pack(pack), PackKind.DATA, PACK_BYTES), ids));
    }
    return list;
  }

  private final class MadeUpStore implements ObjectStore {
    private static final String INDEX = "x/domain/";

    @Override
    public Stream<ObjectInfo> list(String prefix) {
      if (prefix.equals(Names.PACKS)) {
        return Arrays.stream(sorted)
            .mapToObj(number -> Names.pack(PackKind.DATA, pack(number)))
            .map(name -> new ObjectInfo(name, PACK_BYTES, Instant.EPOCH));
      }
      long count = (packs() + PACKS_A_SEGMENT - 1) / PACKS_A_SEGMENT;
      return Stream.iterate(0L, number -> number < count, number -> number + 1)
          .map(number ->
              new ObjectInfo(INDEX + String.format("%064x", number), 20_000, Instant.EPOCH));
    }

    @Override
    public byte[] get(String name, long mostBytes) {
      long number = Long.parseLong(name.substring(INDEX.length() + 48), 16);
      return segments.encode(segment(number));
    }

    @Override
    public PutOutcome putIfAbsent(String name, Body body) {
      throw new IllegalStateException("Nothing is written here: " + name);
    }

    @Override
    public byte[] getRange(String name, long offsetBytes, int lengthBytes) {
      throw new IllegalStateException("No range is read here: " + name);
    }

    @Override
    public Optional<ObjectInfo> head(String name) {
      throw new IllegalStateException("Nothing is looked at here: " + name);
    }

    @Override
    public void delete(String name) {
      throw new IllegalStateException("Nothing is removed here: " + name);
    }

    @Override
    public String describe() {
      return "made up";
    }

    @Override
    public void close() {}
  }
}
