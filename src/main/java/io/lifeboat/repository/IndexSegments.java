package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

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
  private static final int VERSION = 1;
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

  /** Reads every segment of the domain into a fresh index. */
  ChunkIndex load(PackTable table) {
    List<ObjectInfo> objects;
    try (Stream<ObjectInfo> listed = store.list(prefix)) {
      objects = listed.toList();
    }
    long bytes = objects.stream().mapToLong(ObjectInfo::sizeBytes).sum();
    var index = new ChunkIndex((int) Math.min(bytes / ChunkId.BYTES, 1 << 24));
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> reads =
          objects.stream().map(o -> readers.submit(() -> store.get(o.name()))).toList();
      for (int i = 0; i < reads.size(); i++) {
        byte[] sealed = Waits.get(reads.get(i));
        add(sealed, objects.get(i).name(), index, table);
      }
    }
    return index;
  }

  private void add(byte[] sealed, String name, ChunkIndex index, PackTable table) {
    byte[] plain = Failures.naming(name, () -> sealer.open(key, CONTEXT, sealed));
    var in = new Decoder(plain, name);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of an index segment: " + version);
    }
    int packs = in.count(PackId.BYTES + 3);
    for (int i = 0; i < packs; i++) {
      var id = new PackId(in.raw(PackId.BYTES));
      PackKind kind = PackKind.of(in.u8(), in);
      int pack = table.number(new PackRef(id, kind, in.varintUpTo(Long.MAX_VALUE)));
      int chunks = in.count(ChunkId.BYTES);
      for (int ordinal = 0; ordinal < chunks; ordinal++) {
        index.add(new ChunkId(in.raw(ChunkId.BYTES)), new ChunkIndex.Location(pack, ordinal));
      }
    }
    in.end();
  }
}
