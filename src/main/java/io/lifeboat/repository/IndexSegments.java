package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final byte[] CONTEXT = "lifeboat index v1".getBytes(StandardCharsets.US_ASCII);

  private final ObjectStore store;
  private final MessageSealer sealer;
  private final String prefix;
  private final byte[] key;
  private final List<Written> written = new ArrayList<>();
  private Optional<Future<List<Name>>> listing = Optional.empty();

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

  /** Takes packs one by one. */
  interface PackReader {
    void pack(Pack pack) throws IOException;
  }

  /** Takes segments one by one. */
  interface SegmentReader {
    void segment(Name name, List<Pack> packs) throws IOException;
  }

  /** The name of a segment: the prefix of its domain and the SHA-256 of its bytes. */
  record Name(String object, byte[] sha256) {}

  /** A segment that was stored. */
  record Written(String object, long sizeBytes) {}

  /** Stores a segment. */
  void write(List<Pack> packs) {
    byte[] sealed = encode(packs);
    String name = prefix + Hashes.sha256Hex(sealed);
    store.putIfAbsent(name, new Body.Bytes(sealed));
    synchronized (written) {
      written.add(new Written(name, sealed.length));
    }
  }

  /** Those that were stored through this. */
  List<Written> written() {
    synchronized (written) {
      return List.copyOf(written);
    }
  }

  /** The sealed bytes of a segment. */
  byte[] encode(List<Pack> packs) {
    var out = new Encoder().u8(VERSION).varint(packs.size());
    for (Pack pack : packs) {
      out.raw(pack.ref().id().bytes())
          .u8(pack.ref().kind().letter())
          .varint(pack.ref().sizeBytes())
          .varint(pack.chunks().size());
      pack.chunks().forEach(chunk -> out.raw(chunk.bytes()));
    }
    byte[] plain = out.done();
    return sealer.seal(key, CONTEXT, plain, 0, plain.length);
  }

  /** Begins to list the domain's segments, for {@link #names} to answer. */
  void listAhead() {
    ExecutorService lister = StoreThreads.atMost(1, "index-list");
    listing = Optional.of(lister.submit(this::list));
    lister.shutdown();
  }

  /** The domain's segments in the store; what is not named like one is left out. */
  List<Name> names() {
    Optional<Future<List<Name>>> begun = listing;
    listing = Optional.empty();
    return begun.map(Waits::get).orElseGet(this::list);
  }

  private List<Name> list() {
    try (Stream<ObjectInfo> listed = store.list(prefix)) {
      return listed.map(ObjectInfo::name).flatMap(name -> name(name).stream()).toList();
    }
  }

  private Optional<Name> name(String object) {
    String end = object.substring(prefix.length());
    if (!SHA256.matcher(end).matches()) {
      LOG.warn("event=index-segment-ignored object={} reason=its name is no SHA-256", object);
      return Optional.empty();
    }
    return Optional.of(new Name(object, HexFormat.of().parseHex(end)));
  }

  /**
   * Reads segments, some in parallel. One that cannot be read is left out: segments only save work,
   * and a damaged or foreign one must not stop backups.
   */
  void read(List<Name> names, SegmentReader reader) throws IOException {
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "index")) {
      for (int from = 0; from < names.size(); from += PARALLEL_READS) {
        List<Name> some = names.subList(from, Math.min(from + PARALLEL_READS, names.size()));
        List<Future<byte[]>> reads =
            some.stream()
                .map(
                    name -> readers.submit(() -> store.get(name.object(), ObjectLimits.PACK_BYTES)))
                .toList();
        for (int i = 0; i < reads.size(); i++) {
          byte[] sealed = Waits.get(reads.get(i));
          Optional<List<Pack>> packs = tryParse(sealed, some.get(i).object());
          if (packs.isPresent()) {
            reader.segment(some.get(i), packs.get());
          }
        }
      }
    }
  }

  /** The packs that segments which can be read name. */
  Set<PackId> named() {
    Set<PackId> named = new HashSet<>();
    try {
      read(names(), (segment, packs) -> packs.forEach(pack -> named.add(pack.ref().id())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return named;
  }

  private Optional<List<Pack>> tryParse(byte[] sealed, String name) {
    try {
      return Optional.of(parse(sealed, name));
    } catch (LifeboatException e) {
      LOG.warn("event=index-segment-ignored object={} reason={}", name, e.getMessage());
      return Optional.empty();
    }
  }

  /** Opens a segment's bytes. */
  List<Pack> parse(byte[] sealed, String name) {
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
