package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Reads a snapshot from packs alone: log entry, metadata pack, reference list, footers, trees,
 * contents. No index and no local state.
 */
final class PackedSnapshotReader implements SnapshotReader {
  private static final int PARALLEL_OPENS = 16;
  private static final int OPENS_AHEAD = 4 * PARALLEL_OPENS;

  private final PackOpener packs;
  private final ChunkFetcher fetcher;
  private final SnapshotRoot root;

  PackedSnapshotReader(
      RepositoryContext context, LogRecord.Snapshot entry, Relocations relocations) {
    this(context, entry, relocations, PackOpener.strict(new PackIndexReader(context)));
  }

  PackedSnapshotReader(
      RepositoryContext context,
      LogRecord.Snapshot entry,
      Relocations relocations,
      PackOpener packs) {
    context.keyring().requireKit();
    this.packs = packs;
    String where = "snapshot " + entry.snapshot();
    SnapshotPacks.Last last = SnapshotPacks.last(context, new PackIndexReader(context), entry);
    RootCodec.Root record = RootCodec.decode(last.chunk(entry.root()), where);
    this.root = record.snapshot();
    var ids = new ChunkIds(record.domain().chunkIdKey());
    this.fetcher = new ChunkFetcher(context.store(), context.chunkSealer(), ids);
    addAll(relocations.apply(entry, SnapshotPacks.references(last, entry)));
  }

  private void addAll(List<References.Pack> needed) {
    Deque<Future<Optional<PackIndexReader.OpenedPack>>> opening = new ArrayDeque<>();
    try (ExecutorService openers = StoreThreads.atMost(PARALLEL_OPENS, "footer")) {
      int begun = 0;
      for (References.Pack pack : needed) {
        // Not all at once: what is open but not taken in yet has its lists, and there may be very
        // many packs.
        while (begun < needed.size() && opening.size() < OPENS_AHEAD) {
          PackRef next = needed.get(begun++).ref();
          opening.add(openers.submit(() -> packs.open(next)));
        }
        Waits.get(opening.remove()).ifPresent(found -> fetcher.add(found, pack.ordinals()));
      }
    }
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
