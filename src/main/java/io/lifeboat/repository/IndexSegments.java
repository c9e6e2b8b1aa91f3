package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects that let a writer, which cannot read what it wrote, know what is stored already.
 *
 * <pre>
 * segment object := a sealed message of the segment under the domain's index key
 * segment        := version u8 (1) || varint packs || pack*
 * pack           := pack id 32 || kind u8 || varint size || varint chunks || chunk id 32 *
 * </pre>
 *
 * <p>A segment's name ends in the SHA-256 of its bytes. Chunks are in the order of the pack's
 * footer, so a place in the list is an ordinal. Segments help writers only: nothing that restores
 * relies on them.
 */
final class IndexSegments {
  private static final Logger LOG = LoggerFactory.getLogger(IndexSegments.class);
  private static final int VERSION = 1;
  private static final int PARALLEL_READS = 16;
  private static final byte[] CONTEXT = "lifeboat index v1".getBytes(StandardCharsets.US_ASCII);

  private final ObjectStore store;
  private final MessageSealer sealer;
  private final String prefix;
  private final byte[] key;

  /**
   * The segments of one domain.
   *
   * @param key the domain's index key
   */
  IndexSegments(ObjectStore store, MessageSealer sealer, String domain, byte[] key) {
    this.store = store;
    this.sealer = sealer;
    this.prefix = Names.index(domain);
    this.key = key;
  }

  /** A pack's chunks, in the order of its footer. */
  record Pack(PackRef ref, List<ChunkId> chunks) {
    Pack {
      chunks = List.copyOf(chunks);
    }
  }

  /** Stores a segment. */
  void write(List<Pack> packs) {
    var out = new Encoder().u8(VERSION).varint(packs.size());
    for (Pack pack : packs) {
      out.raw(pack.ref().id().bytes())
          .u8(pack.ref().kind().letter())
          .varint(pack.ref().sizeBytes())
          .varint(pack.chunks().size());
      pack.chunks().forEach(chunk -> out.raw(chunk.bytes()));
    }
    byte[] plain = out.done();
    byte[] sealed = sealer.seal(key, CONTEXT, plain, 0, plain.length);
    store.putIfAbsent(prefix + Hashes.sha256Hex(sealed), new Body.Bytes(sealed));
  }

  /**
   * Reads every segment of the domain into a fresh index. Condemned packs count as absent. A pack
   * that is not in the store, or has another size than the segment says, is left out: what it held
   * is stored again. So is a segment that cannot be read: segments only save work, and a damaged or
   * foreign one must not stop backups.
   */
  ChunkIndex load(PackTable table, PackFates fates, Relocations relocations) {
    Map<String, Long> stored = new HashMap<>();
    try (Stream<ObjectInfo> packs = store.list(Names.PACKS)) {
      packs.forEach(pack -> stored.put(pack.name(), pack.sizeBytes()));
    }
    List<ObjectInfo> objects = objects();
    long bytes = objects.stream().mapToLong(ObjectInfo::sizeBytes).sum();
    var index = new ChunkIndex((int) Math.min(bytes / ChunkId.BYTES, 1 << 24));
    read(
        objects,
        pack -> {
          addCopies(pack, relocations, stored, fates, index, table);
          if (!fates.isAbsent(pack.ref().id())) {
            add(pack, stored.get(pack.ref().objectName()), index, table);
          }
        });
    return index;
  }

  /** The packs that segments which can be read name. */
  Set<PackId> named() {
    Set<PackId> named = new HashSet<>();
    read(objects(), pack -> named.add(pack.ref().id()));
    return named;
  }

  private List<ObjectInfo> objects() {
    try (Stream<ObjectInfo> listed = store.list(prefix)) {
      return listed.toList();
    }
  }

  private void read(List<ObjectInfo> objects, Consumer<Pack> packs) {
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "index")) {
      List<Future<byte[]>> reads =
          objects.stream().map(o -> readers.submit(() -> store.get(o.name()))).toList();
      for (int i = 0; i < reads.size(); i++) {
        byte[] sealed = Waits.get(reads.get(i));
        String name = objects.get(i).name();
        try {
          parse(sealed, name).forEach(packs);
        } catch (LifeboatException e) {
          LOG.warn("event=index-segment-ignored object={} reason={}", name, e.getMessage());
        }
      }
    }
  }

  /** Chunks of a pack that maintenance has copied elsewhere are known at their new place. */
  private static void addCopies(
      Pack pack,
      Relocations relocations,
      Map<String, Long> stored,
      PackFates fates,
      ChunkIndex index,
      PackTable table) {
    if (relocations.copies(pack.ref()).isEmpty()) {
      return;
    }
    for (int ordinal = 0; ordinal < pack.chunks().size(); ordinal++) {
      Relocations.Place place = relocations.find(pack.ref(), ordinal);
      PackRef to = place.pack();
      boolean there = stored.getOrDefault(to.objectName(), -1L) == to.sizeBytes();
      if (!to.equals(pack.ref()) && there && !fates.isAbsent(to.id())) {
        index.add(
            pack.chunks().get(ordinal), new ChunkIndex.Location(table.number(to), place.ordinal()));
      }
    }
  }

  private static void add(
      Pack pack, @Nullable Long storedBytes, ChunkIndex index, PackTable table) {
    if (storedBytes == null || storedBytes != pack.ref().sizeBytes()) {
      LOG.warn("event=pack-missing object={} effect=stored-again", pack.ref().objectName());
      return;
    }
    int number = table.number(pack.ref());
    for (int ordinal = 0; ordinal < pack.chunks().size(); ordinal++) {
      index.add(pack.chunks().get(ordinal), new ChunkIndex.Location(number, ordinal));
    }
  }

  private List<Pack> parse(byte[] sealed, String name) {
    byte[] plain = Failures.naming(name, () -> sealer.open(key, CONTEXT, sealed));
    var in = new Decoder(plain, name);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of an index segment: " + version);
    }
    int count = in.count(PackId.BYTES + 3);
    var packs = new ArrayList<Pack>(count);
    for (int i = 0; i < count; i++) {
      var id = new PackId(in.raw(PackId.BYTES));
      PackKind kind = PackKind.of(in.u8(), in);
      var ref = new PackRef(id, kind, in.varintUpTo(Long.MAX_VALUE));
      int chunks = in.count(ChunkId.BYTES);
      var ids = new ArrayList<ChunkId>(chunks);
      for (int ordinal = 0; ordinal < chunks; ordinal++) {
        ids.add(new ChunkId(in.raw(ChunkId.BYTES)));
      }
      packs.add(new Pack(ref, ids));
    }
    in.end();
    return packs;
  }
}
