package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the chunks of one snapshot lie. What is needed of a pack is divided into runs: neighbouring
 * chunks are read with one request, and gaps of up to {@link #GAP_BYTES} along with them. Filled by
 * one thread, then read by many.
 */
final class ChunkPlaces {
  private static final long GAP_BYTES = 256 << 10;
  private static final long RUN_BYTES = 8 << 20;
  private static final int NAMED_PACKS = 8;

  private final Map<ChunkId, Place> places = new HashMap<>();

  /** A stretch of a pack that is read at once. */
  record Run(PackIndexReader.OpenedPack pack, long startBytes, int lengthBytes) {
    // Two openings of one pack are two runs: each brings its own bytes.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(Object other) {
      return other instanceof Run that && pack == that.pack && startBytes == that.startBytes;
    }

    @Override
    public int hashCode() {
      return 31 * pack.ref().hashCode() + Long.hashCode(startBytes);
    }
  }

  /** Where a chunk is found. */
  record Place(PackEntry entry, Run run) {
    PackRef pack() {
      return run.pack().ref();
    }
  }

  /** Makes chunks of a pack known: those that the snapshot needs, or all of them. */
  void add(PackIndexReader.OpenedPack pack, BitSet ordinals) {
    List<PackEntry> group = new ArrayList<>();
    for (int i = ordinals.nextSetBit(0); i >= 0; i = ordinals.nextSetBit(i + 1)) {
      if (i >= pack.entries().size()) {
        throw new PermanentException(
            ErrorCode.OBJECT_DAMAGED,
            pack.ref().objectName() + ": a snapshot needs chunk " + i + ", which it does not have",
            Hints.VERIFY);
      }
      PackEntry entry = pack.entries().get(i);
      if (!group.isEmpty() && !joins(group, entry)) {
        addRun(pack, group);
        group.clear();
      }
      group.add(entry);
    }
    if (!group.isEmpty()) {
      addRun(pack, group);
    }
  }

  private static boolean joins(List<PackEntry> group, PackEntry next) {
    long end = group.getLast().offsetBytes() + group.getLast().sealedBytes();
    long length = next.offsetBytes() + next.sealedBytes() - group.getFirst().offsetBytes();
    return next.offsetBytes() - end <= GAP_BYTES && length <= RUN_BYTES;
  }

  private void addRun(PackIndexReader.OpenedPack pack, List<PackEntry> group) {
    long start = group.getFirst().offsetBytes();
    long end = group.getLast().offsetBytes() + group.getLast().sealedBytes();
    var run = new Run(pack, start, Math.toIntExact(end - start));
    group.forEach(entry -> places.putIfAbsent(entry.chunk(), new Place(entry, run)));
  }

  /** Where a chunk is; empty if no pack that was added has it. */
  Optional<Place> of(ChunkId chunk) {
    return Optional.ofNullable(places.get(chunk));
  }

  /** Names of the packs that were added, for people: not too many. */
  String packs() {
    List<String> names =
        places.values().stream()
            .map(place -> place.pack().objectName())
            .distinct()
            .sorted()
            .toList();
    return String.join(", ", names.subList(0, Math.min(NAMED_PACKS, names.size())))
        + (names.size() > NAMED_PACKS ? " or another one" : "");
  }
}
