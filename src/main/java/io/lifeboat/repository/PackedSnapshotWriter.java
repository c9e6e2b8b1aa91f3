package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.repository.chunking.FastCdcCutter;
import io.lifeboat.repository.chunking.FixedCutter;
import io.lifeboat.repository.chunking.GearTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes a snapshot into packs. The order of the objects makes a crash harmless: packs of contents
 * and trees, index segment, the pack with root and reference list, and last the log entry. What is
 * there without a log entry is garbage that the next run's index finds and reuses.
 */
final class PackedSnapshotWriter implements SnapshotWriter {
  private static final int REFERENCES_CHUNK_BYTES = 4 << 20;

  private final RepositoryContext context;
  private final SnapshotOrder order;
  private final DomainKey domain;
  private final Session session;
  private final PackTable table = new PackTable();
  private final SpoolFolder spool;
  private final PackStream packs;
  private final ChunkPipeline pipeline;
  private final GearTable gear;
  private final SharedChunks shared;
  private final IndexSegments segments;
  private final ExecutorService trees = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * A writer that knows of stored chunks what the log says of their packs.
   *
   * @param view the log, read before anything was written
   */
  PackedSnapshotWriter(
      RepositoryContext context, SnapshotOrder order, DomainKey domain, CommitLog.View view) {
    this.context = context;
    this.order = order;
    this.domain = domain;
    this.session =
        new Session(context.random(), context.age(), context.format().sessionRecipients());
    this.segments =
        new IndexSegments(context.store(), context.sealer(), Domains.id(domain), domain.indexKey());
    ChunkIndex index = segments.load(table, PackFates.of(view), Relocations.of(view));
    this.spool = SpoolFolder.open(context.spool());
    var target = new PackStream.Target(context.store(), context.format().id(), spool.path());
    this.packs = new PackStream(target, session, table, context.sealer(), context.random());
    this.pipeline =
        new ChunkPipeline(
            new ChunkIds(domain.chunkIdKey()), index, context.chunkSealer(), packs, table);
    this.gear = new GearTable(domain.chunkerSecret());
    this.shared = new SharedChunks(new FastCdcCutter(gear, ChunkLimits.ARTIFACTS), pipeline);
  }

  @Override
  public ContentWriter content(Chunking chunking, long expectedBytes) {
    if (expectedBytes <= ChunkLimits.SHARED_UP_TO_BYTES) {
      return shared.open();
    }
    return switch (chunking) {
      case CONTENT ->
          new OwnChunks(new FastCdcCutter(gear, ChunkLimits.ARTIFACTS), ChunkType.DATA, pipeline);
      case PAGES ->
          new OwnChunks(new FixedCutter(ChunkLimits.PAGES_BYTES), ChunkType.DATA, pipeline);
    };
  }

  @Override
  public CompletableFuture<Node.Directory> directory(
      FileName name,
      Attributes attributes,
      List<? extends CompletableFuture<? extends Node>> entries) {
    return CompletableFuture.allOf(entries.toArray(CompletableFuture<?>[]::new))
        .thenComposeAsync(
            done -> {
              List<Node> sorted = new ArrayList<>(entries.size());
              entries.forEach(entry -> sorted.add(entry.join()));
              sorted.sort(Comparator.comparing(Node::name));
              return listing(TreeCodec.listing(sorted));
            },
            trees)
        .thenApply(listing -> new Node.Directory(name, attributes, listing));
  }

  private CompletableFuture<Content> listing(byte[] bytes) {
    var writer =
        new OwnChunks(new FastCdcCutter(gear, ChunkLimits.LISTINGS), ChunkType.TREE, pipeline);
    writer.write(bytes, 0, bytes.length);
    return writer.finish().thenApply(StoredContent::content);
  }

  @Override
  public boolean reuse(Content content) {
    List<Extent> extents =
        switch (content) {
          case Content.Inline inline -> inline.extents();
          // The list's own chunks are sealed to readers, so what it refers to cannot be looked up
          // here.
          case Content.Indirect indirect -> List.of();
        };
    boolean known = content instanceof Content.Inline;
    for (Extent extent : extents) {
      known = known && (!(extent instanceof Extent.Data data) || pipeline.knows(data.chunk()));
    }
    if (known) {
      extents.forEach(this::need);
    }
    return known;
  }

  private void need(Extent extent) {
    if (extent instanceof Extent.Data data) {
      pipeline.need(data.chunk());
    }
  }

  @Override
  public void endContents() {
    shared.flush();
    pipeline.drain();
  }

  @Override
  public SnapshotInfo commit(String facts, CompletableFuture<Node.Directory> tree, Totals totals) {
    endContents();
    Node.Directory root = Waits.get(tree);
    pipeline.drain();
    packs.flush(PackKind.DATA);
    packs.flush(PackKind.METADATA);
    packs.awaitStored();
    List<IndexSegments.Pack> written = packs.written();
    if (!written.isEmpty()) {
      segments.write(written);
    }
    SnapshotInfo info =
        new SnapshotInfo(
            order.id(),
            order.source(),
            order.sourceType(),
            order.plan(),
            order.startedAt(),
            context.clock().instant(),
            totals.sizeBytes(),
            packs.storedBytes(),
            totals.files(),
            Optional.empty());
    publish(info, new SnapshotRoot(info, facts, root));
    return info;
  }

  private void publish(SnapshotInfo info, SnapshotRoot root) {
    int before = packs.written().size();
    References needed = table.references();
    byte[] list = needed.encode();
    var references = new ArrayList<String>();
    for (int at = 0; at < list.length; at += REFERENCES_CHUNK_BYTES) {
      byte[] part =
          java.util.Arrays.copyOfRange(
              list, at, Math.min(list.length, at + REFERENCES_CHUNK_BYTES));
      references.add(Waits.get(pipeline.submit(ChunkType.REFERENCES, part)).toString());
    }
    byte[] rootBytes = RootCodec.encode(new RootCodec.Root(root, domain));
    String rootChunk = Waits.get(pipeline.submit(ChunkType.ROOT, rootBytes)).toString();
    pipeline.drain();
    packs.flush(PackKind.METADATA);
    packs.awaitStored();
    List<LogRecord.Snapshot.StoredPack> last =
        packs.written().stream()
            .skip(before)
            .map(pack ->
                new LogRecord.Snapshot.StoredPack(
                    pack.ref().id().toString(), pack.ref().sizeBytes()))
            .toList();
    var entry =
        new LogRecord.Snapshot(
            info.id(),
            Domains.id(domain),
            session.id(),
            SealedText.encode(
                Summaries.seal(context.sealer(), domain.summaryKey(), info.id(), info)),
            last,
            rootChunk,
            references);
    context
        .log()
        .append(
            entry,
            context.keyring().signer(),
            view -> {
              if (view.all(LogRecord.Snapshot.class)
                  .anyMatch(s -> s.snapshot().equals(info.id()))) {
                throw new PermanentException(
                    ErrorCode.INTERNAL,
                    "A snapshot named " + info.id() + " is there already",
                    "Start the backup again.");
              }
              requireNotSwept(view, needed);
            });
  }

  /** What was swept while this run went on must not come back by a reference to it. */
  private static void requireNotSwept(CommitLog.View view, References needed) {
    PackFates fates = PackFates.of(view);
    needed.packs().stream()
        .filter(pack -> fates.isSwept(pack.ref().id()))
        .findFirst()
        .ifPresent(pack -> {
          throw new TransientException(
              ErrorCode.PACKS_SWEPT,
              "While this backup ran, a prune has removed packs that it relies on, such as "
                  + pack.ref().objectName(),
              "Nothing was published. Start the backup again: it stores anew what is gone.");
        });
  }

  @Override
  public void close() {
    // Closed from the last to the first.
    try (spool;
        packs;
        pipeline) {
      trees.shutdownNow();
    }
  }
}
