package io.lifeboat.repository;

import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.store.ForwardingStore;
import io.lifeboat.store.InMemoryStore;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
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
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A store that makes up the index segments of very many chunks when they are read, and lists their
 * packs, so that none of it takes memory or disk; and the {@link LocalIndex} made of it. Or the
 * same in front of another store, as the past of a real repository.
 */
public final class SimulatedIndex {
  private static final int CHUNKS_A_PACK = 112;
  private static final int PACKS_A_SEGMENT = DurablePacks.PACKS_A_SEGMENT;
  private static final int PACK_BYTES = 64 << 20;

  private final Path folder;
  private final long chunks;
  private final int[] sorted;
  private final String names;
  private final MadeUpStore store;
  private final IndexSegments segments;

  /** Of so many chunks; keeps its file in a folder. */
  public SimulatedIndex(Path folder, long chunks) throws IOException {
    this(folder, chunks, new InMemoryStore(), "domain", new byte[32]);
  }

  private SimulatedIndex(
      Path folder, long chunks, ObjectStore others, String domain, byte[] indexKey)
      throws IOException {
    this.folder = folder;
    this.names = Names.index(domain);
    this.store = new MadeUpStore(others);
    this.segments =
        new IndexSegments(store, new MessageSealer(new SecureRandom()), domain, indexKey);
    this.chunks = chunks;
    this.sorted =
        IntStream.range(0, Math.toIntExact(packs()))
            .boxed()
            .sorted(Comparator.comparing(number -> pack(number).bytes(), Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    Files.createDirectories(folder.resolve("spool"));
  }

  /**
   * The repository of a fixture whose only source has stored so many chunks before, as its writers
   * find them: index segments and packs beside what is really there.
   */
  public static ObjectStore before(
      ObjectStore real, RepositoryFixture fixture, Path folder, long chunks) throws IOException {
    DomainKey domain = fixture.domain();
    return new SimulatedIndex(folder, chunks, real, Domains.id(domain), domain.indexKey()).store;
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

  /** Which chunks are looked up. */
  public enum Sought {
    /** Those that are there. */
    KNOWN,
    /** Those that are not. */
    UNKNOWN,
    /** Half of them each. */
    MIXED
  }

  /** An open index. */
  public final class Opened implements AutoCloseable {
    private final LocalIndex index;

    private Opened(LocalIndex index) {
      this.index = index;
    }

    /** Looks up chunks in no order; answers how many were found. */
    public long lookUp(Sought sought, int count) {
      var random = new SplittableRandom(4);
      long found = 0;
      for (int i = 0; i < count; i++) {
        long number = random.nextLong(chunks);
        boolean known =
            switch (sought) {
              case KNOWN -> true;
              case UNKNOWN -> false;
              case MIXED -> i % 2 == 0;
            };
        ChunkId chunk = chunk(known ? number : number + chunks);
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

  private final class MadeUpStore extends ForwardingStore {
    MadeUpStore(ObjectStore others) {
      super(others);
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
      if (prefix.equals(Names.PACKS)) {
        Stream<ObjectInfo> packs =
            Arrays.stream(sorted)
                .mapToObj(number -> Names.pack(PackKind.DATA, pack(number)))
                .map(name -> new ObjectInfo(name, PACK_BYTES, Instant.EPOCH));
        return Stream.concat(packs, super.list(prefix));
      }
      if (prefix.equals(names)) {
        long count = (packs() + PACKS_A_SEGMENT - 1) / PACKS_A_SEGMENT;
        Stream<ObjectInfo> madeUp =
            Stream.iterate(0L, number -> number < count, number -> number + 1)
                .map(number ->
                    new ObjectInfo(names + String.format("%064x", number), 20_000, Instant.EPOCH));
        return Stream.concat(madeUp, super.list(prefix));
      }
      return super.list(prefix);
    }

    @Override
    public byte[] get(String name, long mostBytes) {
      if (!name.startsWith(names + "0".repeat(48))) {
        return super.get(name, mostBytes);
      }
      return segments.encode(segment(Long.parseLong(name.substring(names.length() + 48), 16)));
    }
  }
}
