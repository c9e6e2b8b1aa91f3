package io.lifeboat.repository;

import io.lifeboat.config.Tags;
import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import io.lifeboat.repository.chunking.FastCdcCutter;
import io.lifeboat.repository.chunking.FixedCutter;
import io.lifeboat.repository.chunking.GearTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * Writes a snapshot into packs. The order of the objects makes a crash harmless: packs of contents
 * and trees with index segments between them, the packs with root and reference list, and last the
 * log entry. What is there without a log entry is garbage that the next run's index finds and
 * reuses.
 */
final class PackedSnapshotWriter implements SnapshotWriter {
  private static final int REFERENCES_CHUNK_BYTES = 4 << 20;

  private final RepositoryContext context;
  private final SnapshotOrder order;
  private final Set<String> tags;
  private final DomainKey domain;
  private final SoundEntries sound;
  private final Session session;
  private final IndexSegments segments;
  private final SpoolFolder spool;
  private final LocalIndex earlier;
  private final PackTable table;
  private final DurablePacks durable;
  private final PackStream packs;
  private final ChunkPipeline pipeline;
  private final GearTable gear;
  private final SharedChunks shared;
  private final ExtentLists lists;
  private Optional<SnapshotInfo.Wal> wal = Optional.empty();
  private Optional<ReadBack.Committed> committed = Optional.empty();
  private final ExecutorService trees = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * A writer that knows of stored chunks what the log says of their packs.
   *
   * @param view the log, read before anything was written
   * @param sound its entries, which need not be read again
   */
  PackedSnapshotWriter(
      RepositoryContext context,
      SnapshotOrder order,
      DomainKey domain,
      Session.Recipients recipients,
      IndexSegments segments,
      CommitLog.View view,
      SoundEntries sound) {
    this.context = context;
    this.sound = sound;
    this.order = order;
    this.tags = new TreeSet<>(order.tags());
    this.domain = domain;
    this.session = new Session(context.random(), context.age(), recipients);
    this.segments = segments;
    this.spool = SpoolFolder.open(context.spool());
    this.earlier = index(segments, view);
    this.table = new PackTable(earlier);
    this.durable = new DurablePacks(segments, earlier.journal());
    var target =
        new PackStream.Target(
            context.store(), context.format().id(), spool.path(), context.packSizes(), durable);
    this.packs = new PackStream(target, session, table, context.sealer(), context.random());
    var chunks = new ChunkIndex(earlier);
    var ids = new ChunkIds(domain.chunkIdKey());
    this.pipeline = new ChunkPipeline(ids, chunks, context.chunkSealer(), packs, table);
    this.lists = new ExtentLists(context.indexFolder(Domains.id(domain)).resolve("lists"), ids);
    this.gear = new GearTable(domain.chunkerSecret());
    this.shared = new SharedChunks(new FastCdcCutter(gear, ChunkLimits.ARTIFACTS), pipeline);
  }

  private LocalIndex index(IndexSegments segments, CommitLog.View view) {
    byte[] owner = new Encoder().raw(context.format().id().bytes()).raw(domain.domainId()).done();
    var place = new LocalIndex.Place(context.indexFolder(Domains.id(domain)), spool.path(), owner);
    try {
      return LocalIndex.open(place, context.store(), segments, LoggedPacks.of(context, view));
    } catch (RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  @Override
  public ContentWriter content(Chunking chunking, long expectedBytes) {
    // Not before: where nothing has changed it would be a sixth of the time.
    CipherWarmUp.start();
    if (expectedBytes <= ChunkLimits.SHARED_UP_TO_BYTES) {
      return shared.open();
    }
    return switch (chunking) {
      case CONTENT ->
          new OwnChunks(
              new FastCdcCutter(gear, ChunkLimits.ARTIFACTS),
              ChunkType.DATA,
              pipeline,
              lists::keep);
      case PAGES ->
          new OwnChunks(
              new FixedCutter(ChunkLimits.PAGES_BYTES), ChunkType.DATA, pipeline, lists::keep);
    };
  }

  /** Listings are written anew each time. */
  private static void notAgain(byte[] listChunk) {}

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
        new OwnChunks(
            new FastCdcCutter(gear, ChunkLimits.LISTINGS),
            ChunkType.TREE,
            pipeline,
            PackedSnapshotWriter::notAgain);
    writer.write(bytes, 0, bytes.length);
    return writer.finish().thenApply(StoredContent::content);
  }

  @Override
  public boolean reuse(Content content) {
    // Nothing is noted as needed before all of it is known.
    return knows(content) && allMatch(content, this::need);
  }

  @Override
  public boolean knows(Content content) {
    return allMatch(content, pipeline::knows);
  }

  @Override
  public ContentOverlay overlay(Content earlier, long newBytes) {
    return new OverlaidContent(
        earlier,
        () -> content(Chunking.PAGES, newBytes),
        new OverlaidContent.Resolution(
            this::extents, this::needKnown, pipeline, lists::keep, trees));
  }

  private void needKnown(ChunkId chunk) {
    if (!pipeline.knows(chunk)) {
      throw new IllegalStateException("Contents were laid under others that nobody asked for");
    }
    pipeline.need(chunk);
  }

  private List<Extent> extents(Content content) {
    return switch (content) {
      case Content.Inline inline -> inline.extents();
      case Content.Indirect indirect ->
          lists
              .read(indirect)
              .orElseThrow(() ->
                  new TransientException(
                      ErrorCode.IO_FAILED,
                      "A list of extents that this host kept beside its index was there and is"
                          + " gone",
                      "Nothing was kept of this backup. Run it again: it reads what it cannot take"
                          + " over."));
    };
  }

  private boolean allMatch(Content content, Predicate<ChunkId> condition) {
    return switch (content) {
      case Content.Inline inline -> allMatch(inline.extents(), condition);
      case Content.Indirect indirect ->
          allMatch(indirect.extentList().extents(), condition)
              && lists.allMatch(indirect, condition);
    };
  }

  private static boolean allMatch(List<Extent> extents, Predicate<ChunkId> condition) {
    for (Extent extent : extents) {
      if (extent instanceof Extent.Data data && !condition.test(data.chunk())) {
        return false;
      }
    }
    return true;
  }

  private boolean need(ChunkId chunk) {
    pipeline.need(chunk);
    return true;
  }

  @Override
  public void endContents() {
    shared.flush();
    pipeline.drain();
  }

  @Override
  public void mark(String tag) {
    if (tags.size() < Tags.MOST) {
      tags.add(tag);
    }
  }

  @Override
  public void contains(WalRange range) {
    wal =
        Optional.of(
            new SnapshotInfo.Wal(
                WalArchive.cluster(domain, range.systemIdentifier()),
                range.timeline(),
                range.start(),
                range.stop(),
                range.stoppedAt(),
                range.segmentBytes()));
  }

  @Override
  public SnapshotInfo commit(String facts, CompletableFuture<Node.Directory> tree, Totals totals) {
    endContents();
    Node.Directory root = Waits.get(tree);
    pipeline.drain();
    packs.flush(PackKind.DATA);
    packs.flush(PackKind.METADATA);
    packs.awaitStored();
    durable.publish();
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
            Optional.empty(),
            List.copyOf(tags),
            wal);
    publish(info, new SnapshotRoot(info, facts, root));
    durable.committed();
    lists.removeUnused();
    return info;
  }

  private void publish(SnapshotInfo info, SnapshotRoot root) {
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
    try (CommitLog.Ahead ahead = context.log().readAhead(sound)) {
      packs.awaitStored();
      append(info, rootChunk, references, needed, ahead);
    }
  }

  private void append(
      SnapshotInfo info,
      String rootChunk,
      List<String> references,
      References needed,
      CommitLog.Ahead ahead) {
    List<LogRecord.Snapshot.StoredPack> last =
        packs.last().stream()
            .map(pack -> new LogRecord.Snapshot.StoredPack(pack.id().toString(), pack.sizeBytes()))
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
    var swept = new SnapshotGuard(entry, needed.packs());
    CommitLog.Guard guard =
        view -> {
          context.rememberedTip().require(view);
          swept.check(view);
        };
    try {
      long number = context.log().append(entry, context.keyring().signer(), guard, ahead);
      committed = Optional.of(new ReadBack.Committed(number, entry, needed));
    } catch (LifeboatException e) {
      // Where packs are gone, there is nothing that anybody could list.
      throw e.code() == ErrorCode.PACKS_SWEPT ? e : unlisted(e);
    }
  }

  /** All of the snapshot is stored by now, and that of its entry nothing is known. */
  private LifeboatException unlisted(LifeboatException e) {
    String message = String.valueOf(e.getMessage());
    String hint =
        e.hint()
            + " Do not count on snapshot "
            + order.id()
            + ": if `lifeboat snapshots` does not list it, what it stored stays until a prune"
            + " removes it, and `lifeboat repair`, with the recovery kit, would list it; --dry-run"
            + " shows that.";
    return switch (e) {
      case PermanentException permanent ->
          new PermanentException(e.code(), message, hint, permanent);
      case TransientException fleeting -> new TransientException(e.code(), message, hint, fleeting);
    };
  }

  @Override
  public ReadBack readBack() {
    return new ReadBack(
        context,
        sound,
        committed.orElseThrow(() -> new IllegalStateException("Nothing was committed")),
        table.own().reversed(),
        segments.written());
  }

  @Override
  public Found found() {
    return pipeline.found();
  }

  @Override
  public void close() {
    // Closed from the last to the first.
    try (spool;
        earlier;
        durable;
        packs;
        pipeline) {
      trees.shutdownNow();
    }
  }
}
