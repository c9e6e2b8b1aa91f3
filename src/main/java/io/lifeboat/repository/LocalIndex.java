package io.lifeboat.repository;

import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What earlier runs of one domain have stored, as a run finds it when it begins: an {@link
 * IndexFile} that is brought up to date with the store's index segments and with the {@link
 * RunJournal} of runs that did not end. All of it is disposable: whatever is missing or damaged is
 * made again from the segments.
 *
 * <p>One run at a time may replace the file and keep the journal. Another one that begins meanwhile
 * reads the file, which never changes, makes a newer one for itself alone if it needs to, and keeps
 * no journal. Thread-safe.
 */
final class LocalIndex implements AutoCloseable {
  private final Optional<FolderLock> lock;
  private final RunJournal journal;
  private final IndexFile file;
  private final BitSet usable = new BitSet();
  private final BitSet interrupted = new BitSet();

  private LocalIndex(Optional<FolderLock> lock, RunJournal journal, IndexFile file) {
    this.lock = lock;
    this.journal = journal;
    this.file = file;
  }

  /**
   * Where an index is kept.
   *
   * @param folder of this repository and domain alone
   * @param spool a folder of this run alone
   * @param owner 32 bytes that name repository and domain
   */
  record Place(Path folder, Path spool, byte[] owner) {}

  /**
   * Opens the index, brings it up to date, and looks which packs the store has. A pack that it does
   * not have in full, or that may not be used, counts as not stored: what it holds is stored again.
   *
   * @param known what the log says of packs
   */
  static LocalIndex open(Place place, ObjectStore store, IndexSegments segments, KnownPacks known) {
    Optional<FolderLock> lock = FolderLock.tryLock(place.folder());
    try {
      return new Opening(place, store, segments, lock, known).open();
    } catch (IOException e) {
      lock.ifPresent(FolderLock::close);
      throw OpenPack.spoolFailed(place.folder(), e);
    } catch (RuntimeException e) {
      lock.ifPresent(FolderLock::close);
      throw e;
    }
  }

  /** Bringing an index up to date. */
  private static final class Opening {
    private final Place place;
    private final ObjectStore store;
    private final IndexSegments segments;
    private final Optional<FolderLock> lock;
    private final RunJournal journal;
    private final KnownPacks known;
    private IndexFile file;

    Opening(
        Place place,
        ObjectStore store,
        IndexSegments segments,
        Optional<FolderLock> lock,
        KnownPacks known) {
      this.known = known;
      this.place = place;
      this.store = store;
      this.segments = segments;
      this.lock = lock;
      this.journal = new RunJournal(lock.map(held -> place.folder().resolve("journal")), segments);
      this.file = IndexFile.open(kept(), place.owner());
    }

    private Path kept() {
      return place.folder().resolve("chunks");
    }

    LocalIndex open() throws IOException {
      try {
        List<IndexSegments.Name> fresh =
            segments.names().stream().filter(name -> !file.holdsSegment(name.sha256())).toList();
        Set<PackId> left = new HashSet<>();
        boolean complete = fresh.isEmpty();
        for (PackRef pack : journal.packs()) {
          left.add(pack.id());
          complete = complete && file.numberOf(pack).isPresent();
        }
        for (PackRef copy : known.copies()) {
          complete = complete && isSettled(copy);
        }
        BitSet stored =
            complete ? IndexMerge.stored(store, file.packs(), file::pack, known) : update(fresh);
        var index = new LocalIndex(lock, journal, file);
        for (int number = 0; number < file.packs(); number++) {
          PackId id = file.pack(number).id();
          index.usable.set(number, stored.get(number) && known.mayUse(id));
          index.interrupted.set(number, left.contains(id));
        }
        return index;
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    }

    /**
     * Whether a copy is in the file, or was found to be unreadable: its id is then among the hashes
     * of the segments that need not be read again.
     */
    private boolean isSettled(PackRef copy) {
      return file.numberOf(copy).isPresent() || file.holdsSegment(copy.id().bytes());
    }

    /** Replaces the file with one that has all there is; answers that the store has its packs. */
    private BitSet update(List<IndexSegments.Name> fresh) throws IOException {
      Path merged =
          lock.isPresent() ? kept().resolveSibling("chunks.new") : place.spool().resolve("chunks");
      List<IndexSegments.Pack> recovered = merge(fresh, merged);
      if (lock.isPresent()) {
        Files.move(
            merged, kept(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        merged = kept();
      }
      file.close();
      file = IndexFile.open(merged, place.owner());
      tellOthers(recovered);
      var stored = new BitSet();
      stored.set(0, file.packs());
      return stored;
    }

    /** Answers the packs that no segment names, but the journal does. */
    private List<IndexSegments.Pack> merge(List<IndexSegments.Name> fresh, Path into)
        throws IOException {
      List<byte[]> held = new ArrayList<>();
      for (int number = 0; number < file.segments(); number++) {
        held.add(file.segment(number));
      }
      List<IndexSegments.Pack> recovered = new ArrayList<>();
      try (var merge = new IndexMerge(file, known, place.spool().resolve("runs"))) {
        segments.read(
            fresh,
            (name, packs) -> {
              for (IndexSegments.Pack pack : packs) {
                merge.add(pack);
              }
              held.add(name.sha256());
            });
        journal.read(pack -> {
          if (merge.add(pack)) {
            recovered.add(pack);
          }
        });
        for (PackRef copy : known.copies()) {
          if (!isSettled(copy)) {
            Optional<IndexSegments.Pack> opened = known.open(copy);
            if (opened.isPresent()) {
              merge.add(opened.get());
            } else {
              held.add(copy.id().bytes());
            }
          }
        }
        merge.write(into, place.owner(), store, held);
      }
      return recovered;
    }

    /** Writes the segment that a killed run had no time to write. */
    private void tellOthers(List<IndexSegments.Pack> recovered) {
      List<IndexSegments.Pack> there =
          recovered.stream().filter(pack -> file.numberOf(pack.ref()).isPresent()).toList();
      if (!there.isEmpty()) {
        segments.write(there);
      }
    }
  }

  /** Where a chunk lies that is stored in a pack that may be used. */
  Optional<ChunkIndex.Location> find(ChunkId chunk) {
    return file.find(chunk, usable::get);
  }

  /** How many packs it knows; their numbers are those below. */
  int packs() {
    return file.packs();
  }

  PackRef pack(int number) {
    return file.pack(number);
  }

  /** What is known of the run that stored a pack. */
  ChunkIndex.Origin origin(int pack) {
    return interrupted.get(pack)
        ? ChunkIndex.Origin.INTERRUPTED_RUN
        : ChunkIndex.Origin.EARLIER_RUN;
  }

  /** The journal of the run that opened this. */
  RunJournal journal() {
    return journal;
  }

  @Override
  public void close() {
    file.close();
    journal.close();
    lock.ifPresent(FolderLock::close);
  }
}
