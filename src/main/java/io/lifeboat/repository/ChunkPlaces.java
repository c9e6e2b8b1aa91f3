package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Where the chunks of one snapshot lie. What is needed of a pack is divided into runs: neighbouring
 * chunks are read with one request, and gaps of up to {@link #GAP_BYTES} along with them.
 *
 * <p>Off the heap, 56 bytes a chunk. Filled by one thread, then read by many.
 */
final class ChunkPlaces {
  private static final long GAP_BYTES = 256 << 10;
  private static final long RUN_BYTES = 4 << 20;
  private static final int NAMED_PACKS = 8;
  private static final int RUN = 0;
  private static final int OFFSET = 1;
  private static final int SEALED_BYTES = 2;
  private static final int PLAIN_BYTES = 3;
  private static final int SLOT = 4;
  private static final int KIND = 5;
  private static final List<ChunkType> TYPES = List.of(ChunkType.values());
  private static final List<Codec> CODECS = List.of(Codec.values());

  private final List<Run> runs = new ArrayList<>();
  private final ChunkTable table = new ChunkTable(KIND + 1);

  /**
   * A stretch of a pack that is read at once.
   *
   * @param pack without its lists, of which there may be very many
   */
  record Run(PackIndexReader.OpenedPack pack, long startBytes, int lengthBytes) {
    // Two openings of one pack are two runs: each brings its own bytes.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(Object other) {
      return other instanceof Run that
          && pack == that.pack
          && startBytes == that.startBytes
          && lengthBytes == that.lengthBytes;
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

    /** The same, in a run of its own. */
    Place alone() {
      return new Place(entry, new Run(run.pack(), entry.offsetBytes(), entry.sealedBytes()));
    }
  }

  /** Makes chunks of a pack known: those that the snapshot needs, or all of them. */
  void add(PackIndexReader.OpenedPack pack, BitSet ordinals) {
    PackIndexReader.OpenedPack bare = pack.withoutLists();
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
        addRun(bare, group);
        group.clear();
      }
      group.add(entry);
    }
    if (!group.isEmpty()) {
      addRun(bare, group);
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
    add(new Run(pack, start, Math.toIntExact(end - start)), group);
  }

  /** Adds chunks that lie in one run; those that are known already stay where they are. */
  void add(Run run, List<PackEntry> entries) {
    runs.add(run);
    for (PackEntry entry : entries) {
      if (table.find(entry.chunk()) == ChunkTable.ABSENT) {
        append(entry, run);
      }
    }
  }

  private void append(PackEntry entry, Run run) {
    int number = table.add(entry.chunk());
    table.set(number, RUN, runs.size() - 1);
    table.set(number, OFFSET, (int) (entry.offsetBytes() - run.startBytes()));
    table.set(number, SEALED_BYTES, entry.sealedBytes());
    table.set(number, PLAIN_BYTES, entry.plainBytes());
    table.set(number, SLOT, entry.slot());
    table.set(
        number, KIND, TYPES.indexOf(entry.type()) * CODECS.size() + CODECS.indexOf(entry.codec()));
  }

  /** Where a chunk lies; empty if none of the packs that were added has it. */
  Optional<Place> find(ChunkId chunk) {
    int number = table.find(chunk);
    if (number == ChunkTable.ABSENT) {
      return Optional.empty();
    }
    Run run = runs.get(table.get(number, RUN));
    int kind = table.get(number, KIND);
    return Optional.of(
        new Place(
            new PackEntry(
                chunk,
                table.get(number, SLOT),
                TYPES.get(kind / CODECS.size()),
                CODECS.get(kind % CODECS.size()),
                run.startBytes() + table.get(number, OFFSET),
                table.get(number, SEALED_BYTES),
                table.get(number, PLAIN_BYTES)),
            run));
  }

  /** Names of the packs that were added, for people: not too many. */
  String packs() {
    List<String> names =
        runs.stream().map(run -> run.pack().ref().objectName()).distinct().sorted().toList();
    return String.join(", ", names.subList(0, Math.min(NAMED_PACKS, names.size())))
        + (names.size() > NAMED_PACKS ? " or another one" : "");
  }
}
