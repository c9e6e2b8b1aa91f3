package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Reads a snapshot from packs alone: log entry, metadata pack, reference list, footers, trees,
 * contents. No index and no local state. A pack that a prune takes away meanwhile is looked for in
 * the log again.
 */
final class PackedSnapshotReader implements SnapshotReader {
  private static final int PARALLEL_OPENS = 16;
  private static final int OPENS_AHEAD = 4 * PARALLEL_OPENS;

  private final LogRecord.Snapshot entry;
  private final CurrentLog log;
  private final PackOpener packs;
  private final References references;
  private final SnapshotRoot root;
  private final ChunkFetcher fetcher;
  private List<References.Pack> needed = List.of();
  private ChunkPlaces places = new ChunkPlaces();

  PackedSnapshotReader(RepositoryContext context, LogRecord.Snapshot entry, CurrentLog log) {
    this(context, entry, log, PackOpener.strict(new PackIndexReader(context)));
  }

  PackedSnapshotReader(
      RepositoryContext context, LogRecord.Snapshot entry, CurrentLog log, PackOpener packs) {
    context.keyring().requireKit();
    this.entry = entry;
    this.log = log;
    this.packs = packs;
    SnapshotPacks.Last last = last(context);
    RootCodec.Root record = RootCodec.decode(last.chunk(entry.root()), where());
    this.root = record.snapshot();
    this.references = SnapshotPacks.references(last, entry);
    open(log.now());
    this.fetcher =
        new ChunkFetcher(
            context.store(),
            context.chunkSealer(),
            new ChunkIds(record.domain().chunkIdKey()),
            places,
            this::without);
  }

  private String where() {
    return "snapshot " + entry.snapshot();
  }

  private SnapshotPacks.Last last(RepositoryContext context) {
    try {
      return SnapshotPacks.last(context, new PackIndexReader(context), entry);
    } catch (PermanentException e) {
      if (e.code() == ErrorCode.OBJECT_MISSING) {
        requireThere(log.without(SnapshotPacks.refs(entry)));
      }
      throw e;
    }
  }

  private void requireThere(CurrentLog.State state) {
    if (!state.fates().isLive(entry)) {
      throw new PermanentException(
          ErrorCode.SNAPSHOT_UNKNOWN,
          "Snapshot " + entry.snapshot() + " was forgotten while it was read",
          "Take another one: `lifeboat snapshots` lists them. `lifeboat hold` keeps one.");
    }
  }

  /** The places of all chunks, after a pack was found missing on the way. */
  private synchronized ChunkPlaces without(PackRef missing, PermanentException problem) {
    if (needs(needed, missing)) {
      CurrentLog.State state = log.without(List.of(missing));
      if (needs(today(state), missing)) {
        throw problem;
      }
      open(state);
    }
    return places;
  }

  private static boolean needs(List<References.Pack> packs, PackRef pack) {
    return packs.stream().anyMatch(needed -> needed.ref().equals(pack));
  }

  /** The packs that the snapshot needs, by a log. */
  private List<References.Pack> today(CurrentLog.State state) {
    requireThere(state);
    return state.relocations().apply(entry, references);
  }

  /** Opens the packs; where one is missing, the log may say by now that it is not needed. */
  private void open(CurrentLog.State state) {
    List<References.Pack> today = today(state);
    Opened opened = openAll(today);
    while (!opened.missing().isEmpty()) {
      List<References.Pack> later = today(log.without(opened.missing()));
      if (later.equals(today)) {
        opened
            .problem()
            .ifPresent(problem -> {
              throw problem;
            });
        break;
      }
      today = later;
      opened = openAll(today);
    }
    needed = today;
    places = opened.places();
  }

  /**
   * What could be opened.
   *
   * @param problem why something could not, if the reader cannot do without it
   */
  private record Opened(
      ChunkPlaces places, List<PackRef> missing, Optional<PermanentException> problem) {}

  private Opened openAll(List<References.Pack> today) {
    Deque<Future<Optional<PackIndexReader.OpenedPack>>> opening = new ArrayDeque<>();
    var found = new ChunkPlaces();
    List<PackRef> missing = new ArrayList<>();
    Optional<PermanentException> problem = Optional.empty();
    try (ExecutorService openers = StoreThreads.atMost(PARALLEL_OPENS, "footer")) {
      int begun = 0;
      for (References.Pack pack : today) {
        // Not all at once: what is open but not taken in yet has its lists, and there may be very
        // many packs.
        while (begun < today.size() && opening.size() < OPENS_AHEAD) {
          PackRef next = today.get(begun++).ref();
          opening.add(openers.submit(() -> packs.open(next)));
        }
        try {
          Waits.get(opening.remove())
              .ifPresentOrElse(
                  opened -> found.add(opened, pack.ordinals()), () -> missing.add(pack.ref()));
        } catch (PermanentException e) {
          if (e.code() != ErrorCode.OBJECT_MISSING) {
            throw e;
          }
          missing.add(pack.ref());
          problem = Optional.of(e);
        }
      }
    }
    return new Opened(found, missing, problem);
  }

  @Override
  public SnapshotRoot root() {
    return root;
  }

  @Override
  public List<Node> list(Node.Directory directory) {
    var bytes = new ByteArrayOutputStream();
    try (ContentSequence contents =
        new ReadAhead(
            fetcher,
            List.of(new ReadAhead.Wanted(directory.listing(), BytesAtHand::none)).iterator())) {
      ContentReader reader = contents.next();
      for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
        switch (piece.get()) {
          case ContentReader.Piece.Data data -> {
            byte[] part = new byte[data.bytes().remaining()];
            data.bytes().get(part);
            bytes.writeBytes(part);
          }
          case ContentReader.Piece.Hole hole ->
              throw new PermanentException(
                  ErrorCode.OBJECT_DAMAGED,
                  "The listing of '"
                      + directory.name()
                      + "' has a hole of "
                      + hole.lengthBytes()
                      + " bytes",
                  Hints.VERIFY);
        }
      }
    }
    return TreeCodec.parseListing(bytes.toByteArray(), "the listing of '" + directory.name() + "'");
  }

  @Override
  public ContentSequence read(Iterator<Node.RegularFile> files) {
    return readAround(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return files.hasNext();
          }

          @Override
          public WantedFile next() {
            return WantedFile.whole(files.next());
          }
        });
  }

  @Override
  public ContentSequence readAround(Iterator<WantedFile> files) {
    return new ReadAhead(
        fetcher,
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return files.hasNext();
          }

          @Override
          public ReadAhead.Wanted next() {
            WantedFile wanted = files.next();
            return new ReadAhead.Wanted(wanted.file().content(), wanted.atHand());
          }
        });
  }

  /** The extents of a file, its list read as it goes where it is stored apart. */
  Iterator<Extent> extents(Content content) {
    return switch (content) {
      case Content.Inline inline -> inline.extents().iterator();
      case Content.Indirect indirect -> new StoredExtents(fetcher, indirect.extentList());
    };
  }

  /** How many bytes a chunk has; empty if none of the snapshot's packs has it. */
  OptionalInt plainBytes(ChunkId chunk) {
    return fetcher.plainBytes(chunk);
  }

  @Override
  public void close() {
    fetcher.close();
  }
}
