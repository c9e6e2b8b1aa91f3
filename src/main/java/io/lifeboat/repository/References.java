package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Which chunks of which packs a snapshot needs: all that prune has to read, and where a restore
 * begins.
 *
 * <pre>
 * references := version u8 (1) || varint count || pack*
 * pack       := pack id 32 || kind u8 ('d' or 'm') || varint size || bytes ordinals
 * ordinals   := a bit for each chunk of the footer, lowest bit of the first byte first; no zero byte at the end
 * </pre>
 *
 * <p>Ascending by kind and id. The pack that holds the list itself and the root record is not in
 * it: the log entry names it.
 */
record References(List<Pack> packs) {
  private static final int VERSION = 1;
  private static final int SMALLEST_PACK_BYTES = PackId.BYTES + 3;
  private static final Comparator<Pack> BY_NAME = Comparator.comparing(Pack::ref, PackRef.BY_NAME);

  References {
    packs = packs.stream().sorted(BY_NAME).toList();
  }

  /** The chunks that are needed of one pack. */
  record Pack(PackRef ref, BitSet ordinals) {}

  byte[] encode() {
    var out = new Encoder().u8(VERSION).varint(packs.size());
    for (Pack pack : packs) {
      out.raw(pack.ref().id().bytes())
          .u8(pack.ref().kind().letter())
          .varint(pack.ref().sizeBytes())
          .bytes(pack.ordinals().toByteArray());
    }
    return out.done();
  }

  static References decode(byte[] bytes, String where) {
    var in = new Decoder(bytes, where);
    int version = in.u8();
    if (version != VERSION) {
      throw in.broken("unknown version of a reference list: " + version);
    }
    int count = in.count(SMALLEST_PACK_BYTES);
    var packs = new ArrayList<Pack>(count);
    for (int i = 0; i < count; i++) {
      var id = new PackId(in.raw(PackId.BYTES));
      PackKind kind = PackKind.of(in.u8(), in);
      long size = in.varintUpTo(Long.MAX_VALUE);
      byte[] ordinals = in.bytes();
      var pack = new Pack(new PackRef(id, kind, size), BitSet.valueOf(ordinals));
      boolean ascending = packs.isEmpty() || BY_NAME.compare(packs.getLast(), pack) <= 0;
      boolean shortest = ordinals.length == 0 || ordinals[ordinals.length - 1] != 0;
      if (!ascending || !shortest) {
        throw in.broken("a reference list is not in the one form it has");
      }
      packs.add(pack);
    }
    in.end();
    return new References(packs);
  }
}
