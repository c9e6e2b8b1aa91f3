package io.lifeboat.repository;

import io.lifeboat.crypto.MessageSealer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a pack around its chunks.
 *
 * <pre>
 * pack    := head || chunk* || padding || footer || slots || trailer
 * head    := "LBPACK01" || repository 16
 * chunk   := a sealed message of one chunk's packed bytes
 * padding := random bytes, so that the pack's size is a Padmé size and says little
 * footer  := a sealed message of entry lists (below), padded with zeros to a multiple of 1024 before sealing
 * slots   := varint count || slot*
 * trailer := footer length u32 || slots length u32 || "LBPACKED"
 *
 * footer plain := varint count || entry*
 * entry   := chunk id 32 || varint slot || type u8 || codec u8 || varint sealed length || varint plain length
 * </pre>
 *
 * <p>Chunks lie back to back in the footer's order, the first right behind the head: offsets follow
 * from the lengths. The slots lie at the end, beside the footer, so that one range read of the tail
 * opens a pack.
 */
final class PackLayout {
  static final byte[] MAGIC = "LBPACK01".getBytes(StandardCharsets.US_ASCII);
  static final byte[] TRAILER_MAGIC = "LBPACKED".getBytes(StandardCharsets.US_ASCII);
  static final int HEAD_BYTES = MAGIC.length + RepositoryId.BYTES;
  static final int TRAILER_BYTES = 2 * Integer.BYTES + TRAILER_MAGIC.length;
  static final int FOOTER_BLOCK_BYTES = 1024;
  private static final int SMALLEST_ENTRY_BYTES = ChunkId.BYTES + 5;

  private PackLayout() {}

  static byte[] head(RepositoryId repository) {
    return new Encoder().raw(MAGIC).raw(repository.bytes()).done();
  }

  static byte[] footer(List<PackEntry> entries) {
    var out = new Encoder().varint(entries.size());
    for (PackEntry entry : entries) {
      out.raw(entry.chunk().bytes())
          .varint(entry.slot())
          .u8(entry.type().number())
          .u8(entry.codec().number())
          .varint(entry.sealedBytes())
          .varint(entry.plainBytes());
    }
    return out.padTo(FOOTER_BLOCK_BYTES).done();
  }

  static List<PackEntry> parseFooter(byte[] plain, int slots, String where) {
    var in = new Decoder(plain, where);
    int count = in.count(SMALLEST_ENTRY_BYTES);
    var entries = new ArrayList<PackEntry>(count);
    long offset = HEAD_BYTES;
    for (int i = 0; i < count; i++) {
      var chunk = new ChunkId(in.raw(ChunkId.BYTES));
      int slot = in.intUpTo(slots - 1);
      ChunkType type = ChunkType.of(in.u8(), in);
      Codec codec = Codec.of(in.u8(), in);
      int sealed = in.intUpTo((int) MessageSealer.sealedSize(ChunkLimits.MAXIMUM_BYTES));
      int plainBytes = in.intUpTo(ChunkLimits.MAXIMUM_BYTES);
      if (sealed > MessageSealer.sealedSize(plainBytes)) {
        throw in.broken("a chunk is longer sealed than it can be");
      }
      entries.add(new PackEntry(chunk, slot, type, codec, offset, sealed, plainBytes));
      offset += sealed;
    }
    in.padding();
    return entries;
  }

  static byte[] slots(List<PackSlot> slots) {
    var out = new Encoder().varint(slots.size());
    slots.forEach(slot -> slot.encode(out));
    return out.done();
  }

  static List<PackSlot> parseSlots(byte[] bytes, String where) {
    var in = new Decoder(bytes, where);
    int count = in.count(PackSlot.SALT_BYTES + PackSlot.SESSION_BYTES);
    var slots = new ArrayList<PackSlot>(count);
    for (int i = 0; i < count; i++) {
      slots.add(PackSlot.decode(in));
    }
    in.end();
    return slots;
  }

  static byte[] trailer(int footerBytes, int slotsBytes) {
    return ByteBuffer.allocate(TRAILER_BYTES)
        .putInt(footerBytes)
        .putInt(slotsBytes)
        .put(TRAILER_MAGIC)
        .array();
  }

  /**
   * The Padmé size of a length: leaks {@code O(log log n)} bits of it at the cost of at most 12 %,
   * less the longer (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
   * Communication with PURBs", PETS 2019).
   */
  static long padme(long lengthBytes) {
    if (lengthBytes < 2) {
      return lengthBytes;
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(lengthBytes);
    int kept = Long.SIZE - Long.numberOfLeadingZeros(exponent);
    long mask = (1L << exponent - kept) - 1;
    return lengthBytes + mask & ~mask;
  }
}
