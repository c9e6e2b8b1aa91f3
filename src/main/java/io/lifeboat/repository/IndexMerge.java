package io.lifeboat.repository;

import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a new {@link IndexFile} out of an older one and of packs that it does not have. Packs that
 * are not in the store, or have another size there, are left out, and so are their chunks. Of each
 * chunk nothing stays on the heap, of each pack some hundred bytes. Not thread-safe.
 */
final class IndexMerge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexMerge.class);
  private static final int ABSENT = -1;

  private final IndexFile base;
  private final KnownPacks known;
  private final SortedRuns runs;
  private final List<PackRef> added = new ArrayList<>();
  private final Set<PackId> addedIds = new HashSet<>();

  /** Begins with a file; {@code temporary} is one for this merge alone. */
  IndexMerge(IndexFile base, KnownPacks known, Path temporary) throws IOException {
    this.base = base;
    this.known = known;
    this.runs = new SortedRuns(temporary);
  }

  /** Adds a pack with its chunks, unless it is there already; answers whether it was not. */
  boolean add(IndexSegments.Pack pack) throws IOException {
    if (base.numberOf(pack.ref()).isPresent() || !addedIds.add(pack.ref().id())) {
      return false;
    }
    for (int ordinal = 0; ordinal < pack.chunks().size(); ordinal++) {
      runs.add(pack.chunks().get(ordinal), added.size(), ordinal);
    }
    added.add(pack.ref());
    return true;
  }

  /** A pack and where it comes from. */
  private record Candidate(PackRef ref, int[] renumber, int number) {}

  /** Which packs the merged file has, and their numbers in it by those that they had before. */
  private record Packs(List<PackRef> refs, int[] ofBase, int[] ofAdded) {}

  /** Writes the new file. */
  void write(Path path, byte[] owner, ObjectStore store, List<byte[]> segments) throws IOException {
    Packs packs = packs(store);
    List<Cursor> cursors = new ArrayList<>();
    cursors.add(new Cursor(base.chunkList(), packs.ofBase()));
    runs.finish().forEach(run -> cursors.add(new Cursor(run, packs.ofAdded())));
    long chunks = cursors.stream().mapToLong(Cursor::count).sum();
    try (var out = new IndexFileWriter(path, owner)) {
      out.begin(chunks, packs.refs().size(), segments.size());
      var next = new PriorityQueue<Cursor>(Cursor.BY_CHUNK);
      cursors.stream().filter(Cursor::settle).forEach(next::add);
      while (!next.isEmpty()) {
        Cursor least = next.remove();
        least.copyTo(out);
        if (least.settle()) {
          next.add(least);
        }
      }
      out.packs(packs.refs());
      out.segments(segments);
      out.finish();
    }
  }

  private Packs packs(ObjectStore store) {
    var ofBase = new int[base.packs()];
    var ofAdded = new int[added.size()];
    List<Candidate> candidates =
        Stream.concat(
                IntStream.range(0, ofBase.length)
                    .mapToObj(number -> new Candidate(base.pack(number), ofBase, number)),
                IntStream.range(0, ofAdded.length)
                    .mapToObj(number -> new Candidate(added.get(number), ofAdded, number)))
            .sorted(Comparator.comparing(Candidate::ref, PackRef.BY_NAME))
            .toList();
    BitSet stored = stored(store, candidates.size(), at -> candidates.get(at).ref(), known);
    var refs = new ArrayList<PackRef>();
    for (int at = 0; at < candidates.size(); at++) {
      Candidate candidate = candidates.get(at);
      candidate.renumber()[candidate.number()] = stored.get(at) ? refs.size() : ABSENT;
      if (stored.get(at)) {
        refs.add(candidate.ref());
      }
    }
    return new Packs(refs, ofBase, ofAdded);
  }

  /**
   * Which of some packs the store has, in the size they should have.
   *
   * @param packs ascending by name, as a store lists them
   * @param known which packs there should be: that others are gone is no news
   */
  static BitSet stored(ObjectStore store, int count, IntFunction<PackRef> packs, KnownPacks known) {
    var stored = new BitSet();
    try (Stream<ObjectInfo> listed = store.list(Names.PACKS)) {
      Iterator<ObjectInfo> objects = listed.iterator();
      Optional<ObjectInfo> object = next(objects);
      for (int at = 0; at < count; at++) {
        PackRef pack = packs.apply(at);
        String name = pack.objectName();
        while (object.isPresent() && object.get().name().compareTo(name) < 0) {
          object = next(objects);
        }
        stored.set(
            at,
            object.isPresent()
                && object.get().name().equals(name)
                && object.get().sizeBytes() == pack.sizeBytes());
      }
    }
    for (int at = stored.nextClearBit(0); at < count; at = stored.nextClearBit(at + 1)) {
      if (known.mayUse(packs.apply(at).id())) {
        LOG.warn("event=pack-missing object={} effect=stored-again", packs.apply(at).objectName());
      }
    }
    return stored;
  }

  private static Optional<ObjectInfo> next(Iterator<ObjectInfo> objects) {
    return objects.hasNext() ? Optional.of(objects.next()) : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    runs.close();
  }

  /** A place in a sorted list of chunks. */
  private static final class Cursor {
    static final Comparator<Cursor> BY_CHUNK =
        (a, b) -> IndexFile.compare(a.list, a.offset, b.list, b.offset, ChunkId.BYTES);

    private final MemorySegment list;
    private final int[] renumber;
    private long offset;

    Cursor(MemorySegment list, int[] renumber) {
      this.list = list;
      this.renumber = renumber;
    }

    /** How many of its chunks are in packs that are there. */
    long count() {
      if (Arrays.stream(renumber).noneMatch(number -> number == ABSENT)) {
        return list.byteSize() / IndexFile.CHUNK_BYTES;
      }
      long count = 0;
      for (long at = 0; at < list.byteSize(); at += IndexFile.CHUNK_BYTES) {
        count += packAt(at) == ABSENT ? 0 : 1;
      }
      return count;
    }

    private int packAt(long at) {
      return renumber[IndexFile.pack(list, at)];
    }

    /** Goes on to the next chunk of a pack that is there, if there is one. */
    boolean settle() {
      while (offset < list.byteSize() && packAt(offset) == ABSENT) {
        offset += IndexFile.CHUNK_BYTES;
      }
      return offset < list.byteSize();
    }

    void copyTo(IndexFileWriter out) throws IOException {
      out.chunk(list, offset, packAt(offset), IndexFile.ordinal(list, offset));
      offset += IndexFile.CHUNK_BYTES;
    }
  }
}
