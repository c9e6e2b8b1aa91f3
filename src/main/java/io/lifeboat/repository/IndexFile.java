package io.lifeboat.repository;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunks of one domain as they lie on disk, mapped and not on the heap:
 *
 * <pre>
 * file    := "LBINDEX2" || owner 32 || chunks u64 || packs u32 || segments u32
 *            || chunk* || pack* || segment* || CRC-32C u32 of all before it
 * chunk   := chunk id 32 || pack number u32 || ordinal u24               ascending by id
 * pack    := pack id 32 || kind u8 || size u56                           ascending by kind and id
 * segment := SHA-256 in the name of an index segment whose packs are here 32        ascending
 * </pre>
 *
 * <p>A pack's number is its place. A chunk that lies in two packs is here twice. Chunk ids are
 * evenly spread, as they are a pseudo-random function's output: where one lies in the list is
 * guessed from its first bytes, and a look-up takes a few probes. Immutable and thread-safe, but
 * not to be used after {@link #close}.
 */
final class IndexFile implements AutoCloseable {
  static final long MAGIC = 0x4c42494e44455832L; // "LBINDEX2"
  static final int OWNER_BYTES = 32;
  static final int HEAD_BYTES = Long.BYTES + OWNER_BYTES + Long.BYTES + 2 * Integer.BYTES;
  static final int CHUNK_BYTES = ChunkId.BYTES + Integer.BYTES + 3;
  static final int PACK_BYTES = PackId.BYTES + Long.BYTES;
  static final int SEGMENT_BYTES = 32;

  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** No pack that the format permits has more: 256 MiB of entries of 48 bytes. */
  private static final int MOST_ORDINAL = (1 << 24) - 1;

  private static final int SIZE_BITS = 56;
  private static final int GUESSES = 8;
  private static final int READ_BYTES = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final long chunks;
  private final MemorySegment chunkList;
  private final MemorySegment packList;
  private final MemorySegment segmentList;

  private IndexFile(Function<Arena, MemorySegment> bytes) {
    MemorySegment file = bytes.apply(arena);
    this.chunks = file.get(LONG, Long.BYTES + OWNER_BYTES);
    int packs = file.get(INT, HEAD_BYTES - 2L * Integer.BYTES);
    int segments = file.get(INT, HEAD_BYTES - Integer.BYTES);
    long packsAt = HEAD_BYTES + chunks * CHUNK_BYTES;
    long segmentsAt = packsAt + (long) packs * PACK_BYTES;
    this.chunkList = file.asSlice(HEAD_BYTES, chunks * CHUNK_BYTES);
    this.packList = file.asSlice(packsAt, (long) packs * PACK_BYTES);
    this.segmentList = file.asSlice(segmentsAt, (long) segments * SEGMENT_BYTES);
  }

  /** Knows nothing. */
  static IndexFile none() {
    return new IndexFile(arena -> arena.allocate(HEAD_BYTES));
  }

  /**
   * Opens a file; knows nothing if there is none, or if it is damaged, of another version, or of
   * another owner.
   *
   * @param owner of repository and domain
   */
  static IndexFile open(Path path, byte[] owner) {
    try (FileChannel channel = FileChannel.open(path)) {
      requireWhole(channel, owner);
      return new IndexFile(arena -> map(channel, arena));
    } catch (NoSuchFileException e) {
      return none();
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("event=index-ignored file={} reason={}", path, e.getMessage());
      return none();
    }
  }

  private static MemorySegment map(FileChannel channel, Arena arena) {
    try {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads through the channel, not the mapping: what was only checked takes no resident memory. */
  private static void requireWhole(FileChannel channel, byte[] owner) throws IOException {
    long size = channel.size();
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    fill(channel, head);
    if (head.getLong(0) != MAGIC) {
      throw new IOException("it is no index of this version");
    }
    if (!Arrays.equals(head.array(), Long.BYTES, Long.BYTES + OWNER_BYTES, owner, 0, OWNER_BYTES)) {
      throw new IOException("it is of another repository or source");
    }
    long chunks = head.getLong(Long.BYTES + OWNER_BYTES);
    long packs = Integer.toUnsignedLong(head.getInt(HEAD_BYTES - 2 * Integer.BYTES));
    long segments = Integer.toUnsignedLong(head.getInt(HEAD_BYTES - Integer.BYTES));
    boolean sensible = chunks >= 0 && chunks <= size / CHUNK_BYTES;
    long expected = packs * PACK_BYTES + segments * SEGMENT_BYTES + HEAD_BYTES + Integer.BYTES;
    if (!sensible || size != expected + chunks * CHUNK_BYTES) {
      throw new IOException("it has " + size + " bytes, which is not what its head says");
    }
    channel.position(0);
    var checksum = new CRC32C();
    var block = ByteBuffer.allocateDirect(READ_BYTES);
    for (long left = size - Integer.BYTES; left > 0; left -= block.limit()) {
      block.clear().limit((int) Math.min(left, READ_BYTES));
      fill(channel, block);
      checksum.update(block);
    }
    ByteBuffer end = ByteBuffer.allocate(Integer.BYTES);
    fill(channel, end);
    if ((int) checksum.getValue() != end.getInt(0)) {
      throw new IOException("its checksum does not match");
    }
  }

  private static void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("it is cut short");
      }
    }
    buffer.flip();
  }

  /** Where a chunk lies, in a pack that may be used. */
  Optional<ChunkIndex.Location> find(ChunkId chunk, IntPredicate usable) {
    byte[] wanted = chunk.bytes();
    for (long at = firstFrom(wanted); at < chunks && compare(at, wanted) == 0; at++) {
      int pack = pack(chunkList, at * CHUNK_BYTES);
      if (usable.test(pack)) {
        return Optional.of(new ChunkIndex.Location(pack, ordinal(chunkList, at * CHUNK_BYTES)));
      }
    }
    return Optional.empty();
  }

  /** The place of the first chunk that is not below the wanted one: between low and high. */
  private long firstFrom(byte[] wanted) {
    double wantedKey = key((long) LONGS.get(wanted, 0));
    long low = 0;
    long high = chunks;
    double lowKey = 0;
    double highKey = 1;
    for (int probes = 0; low < high; probes++) {
      long probe = low + (high - low) / 2;
      if (probes < GUESSES && highKey > lowKey) {
        double share = (wantedKey - lowKey) / (highKey - lowKey);
        probe = low + Math.clamp((long) (share * (high - low)), 0, high - low - 1);
      }
      double probeKey = key(chunkList.get(LONG, probe * CHUNK_BYTES));
      if (compare(probe, wanted) < 0) {
        low = probe + 1;
        lowKey = probeKey;
      } else {
        high = probe;
        highKey = probeKey;
      }
    }
    return low;
  }

  /** An id's first bytes as a fraction of one. */
  private static double key(long firstBytes) {
    return (firstBytes >>> 1) * 0x1p-63;
  }

  private int compare(long at, byte[] id) {
    int order = 0;
    for (int i = 0; i < ChunkId.BYTES && order == 0; i += Long.BYTES) {
      order =
          Long.compareUnsigned(chunkList.get(LONG, at * CHUNK_BYTES + i), (long) LONGS.get(id, i));
    }
    return order;
  }

  /** Compares as unsigned bytes; the length is a multiple of eight. */
  static int compare(MemorySegment a, long offsetA, MemorySegment b, long offsetB, int length) {
    for (int i = 0; i < length; i += Long.BYTES) {
      int order = Long.compareUnsigned(a.get(LONG, offsetA + i), b.get(LONG, offsetB + i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** The list of chunks. */
  MemorySegment chunkList() {
    return chunkList;
  }

  /** The number of the pack that the chunk at this offset of a list lies in. */
  static int pack(MemorySegment list, long offset) {
    return list.get(INT, offset + ChunkId.BYTES);
  }

  /** The ordinal of the chunk at this offset of a list. */
  static int ordinal(MemorySegment list, long offset) {
    return list.get(INT, offset + CHUNK_BYTES - Integer.BYTES) & MOST_ORDINAL;
  }

  /** Writes where a chunk lies, behind its id. */
  static void putPlace(ByteBuffer out, int pack, int ordinal) {
    if (ordinal > MOST_ORDINAL) {
      throw new IllegalArgumentException("a pack has no chunk " + ordinal);
    }
    out.putInt(pack).put((byte) (ordinal >>> 16)).putShort((short) ordinal);
  }

  int packs() {
    return (int) (packList.byteSize() / PACK_BYTES);
  }

  /** The pack of this number. */
  PackRef pack(int number) {
    long at = (long) number * PACK_BYTES;
    byte[] id = packList.asSlice(at, PackId.BYTES).toArray(ValueLayout.JAVA_BYTE);
    long kindAndSize = packList.get(LONG, at + PackId.BYTES);
    boolean data = kindAndSize >>> SIZE_BITS == PackKind.DATA.letter();
    long size = kindAndSize & (1L << SIZE_BITS) - 1;
    return new PackRef(new PackId(id), data ? PackKind.DATA : PackKind.METADATA, size);
  }

  /** Writes a pack. */
  static void putPack(ByteBuffer out, PackRef pack) {
    long kind = pack.kind().letter();
    out.put(pack.id().bytes()).putLong(kind << SIZE_BITS | pack.sizeBytes());
  }

  /** The number of a pack, or empty if it is not here. */
  OptionalInt numberOf(PackRef wanted) {
    int low = 0;
    int high = packs();
    while (low < high) {
      int probe = (low + high) >>> 1;
      int order = PackRef.BY_NAME.compare(pack(probe), wanted);
      if (order == 0) {
        return OptionalInt.of(probe);
      } else if (order < 0) {
        low = probe + 1;
      } else {
        high = probe;
      }
    }
    return OptionalInt.empty();
  }

  /** Whether this segment's packs are here. */
  boolean holdsSegment(byte[] sha256) {
    MemorySegment wanted = MemorySegment.ofArray(sha256);
    int low = 0;
    int high = segments();
    while (low < high) {
      int probe = (low + high) >>> 1;
      int order = compare(segmentList, (long) probe * SEGMENT_BYTES, wanted, 0, SEGMENT_BYTES);
      if (order == 0) {
        return true;
      } else if (order < 0) {
        low = probe + 1;
      } else {
        high = probe;
      }
    }
    return false;
  }

  int segments() {
    return (int) (segmentList.byteSize() / SEGMENT_BYTES);
  }

  /** The SHA-256 of one of the segments whose packs are here. */
  byte[] segment(int number) {
    return segmentList
        .asSlice((long) number * SEGMENT_BYTES, SEGMENT_BYTES)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
