package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.DomainKey;
import io.lifeboat.crypto.ServiceKey;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The snapshots of years, written within a minute: real packs, reference lists and log entries
 * under real keys, but of chunks of a few bytes. What a source has is a fixed number of chunks;
 * each snapshot replaces some of them, no matter where, by new ones. There are no files in the
 * trees.
 */
public final class SyntheticHistory {
  private static final int CHUNKS_A_PACK = 32;
  private static final int PLAIN_BYTES = 64;

  private final SplittableRandom choice = new SplittableRandom(9);
  private final SecureRandom random = new SecureRandom();
  private final ObjectStore store;
  private final Path spool;
  private final ServiceKey service;
  private final RepositoryContext context;
  private final String plan;
  private final DomainKey domain;
  private final ChunkIds ids;
  private final Session.Recipients recipients;
  private final List<PackRef> packs = new ArrayList<>();

  /**
   * Where each chunk of the source lies: a pack's number, times the chunks a pack has, and its
   * ordinal.
   */
  private final int[] there;

  private long next;
  private String tip;
  private long chunk;

  /**
   * A history of one source, whose domain is registered at once.
   *
   * @param plan the plan and its source
   * @param chunks how many of them the source has at any time
   */
  public SyntheticHistory(
      ObjectStore store, ServiceKey service, Path spool, String plan, int chunks) {
    this.store = store;
    this.spool = spool;
    this.service = service;
    this.plan = plan;
    this.there = new int[chunks];
    var environment = new RepositoryEnvironment(random, Clock.systemUTC(), spool);
    this.context =
        Repository.open(store, new Keyring(Optional.of(service), Optional.empty()), environment)
            .context();
    this.domain = service.domainKey(context.format().repository(), plan);
    this.ids = new ChunkIds(domain.chunkIdKey());
    this.recipients = RecipientHistory.of(context.format(), context.log().read()).current();
    context
        .log()
        .append(Domains.record(context.age(), domain, recipients), service.writer(), view -> {});
    CommitLog.View view = context.log().read();
    this.next = view.next();
    this.tip = view.tip();
  }

  /** Takes snapshots; each but the first replaces so many chunks, or all. */
  public void write(int snapshots, int changed) {
    for (int i = 0; i < snapshots; i++) {
      var session = new Session(random, context.age(), recipients);
      if (packs.isEmpty()) {
        store(session, java.util.stream.IntStream.range(0, there.length).toArray());
      } else {
        int replaced = Math.min(changed, there.length);
        store(session, choice.ints(0, there.length).distinct().limit(replaced).toArray());
      }
      commit(session);
    }
  }

  /** How many chunks were stored. */
  public long chunks() {
    return chunk;
  }

  /** How many data packs were stored. */
  public int packs() {
    return packs.size();
  }

  private void store(Session session, int[] places) {
    for (int at = 0; at < places.length; at += CHUNKS_A_PACK) {
      var pack = new OpenPack(0, PackKind.DATA, context.format().id(), session, spool);
      int end = Math.min(places.length, at + CHUNKS_A_PACK);
      for (int i = at; i < end; i++) {
        byte[] plain = new byte[PLAIN_BYTES];
        ByteBuffer.wrap(plain).putLong(chunk++);
        add(pack, ChunkType.DATA, plain);
        there[places[i]] = packs.size() * CHUNKS_A_PACK + i - at;
      }
      packs.add(put(pack));
    }
  }

  private ChunkId add(OpenPack pack, ChunkType type, byte[] plain) {
    var id = new ChunkId(ids.id(plain, 0, plain.length));
    byte[] key = pack.keys().forType(type).orElseThrow();
    ChunkSealer.Sealed sealed = context.chunkSealer().seal(key, type, id, plain, plain.length);
    pack.expectOne();
    pack.add(id, type, sealed.codec(), sealed.message(), plain.length);
    return id;
  }

  private PackRef put(OpenPack pack) {
    pack.close();
    OpenPack.Finished finished = pack.finish(context.sealer(), random);
    try {
      store.putIfAbsent(
          finished.ref().objectName(),
          new Body.SpooledFile(finished.file(), finished.ref().sizeBytes()));
      Files.deleteIfExists(finished.file());
    } catch (IOException e) {
      throw OpenPack.spoolFailed(finished.file(), e);
    }
    return finished.ref();
  }

  private void commit(Session session) {
    String id = new SnapshotIds(context.clock(), random).next();
    Instant now = context.clock().instant();
    long size = (long) there.length * PLAIN_BYTES;
    var info =
        new SnapshotInfo(
            id,
            plan,
            "files",
            plan,
            now,
            now,
            size,
            0,
            0,
            Optional.empty(),
            List.of(),
            Optional.empty());
    var empty =
        new Node.Directory(
            FileName.of("root"),
            new Attributes(0700, 0, 0, "", "", Instant.EPOCH),
            new Content.Inline(0, List.of()));
    var root = new RootCodec.Root(new SnapshotRoot(info, "{}", empty), domain);
    var pack = new OpenPack(0, PackKind.METADATA, context.format().id(), session, spool);
    String references = add(pack, ChunkType.REFERENCES, references().encode()).toString();
    String rootChunk = add(pack, ChunkType.ROOT, RootCodec.encode(root)).toString();
    PackRef last = put(pack);
    append(
        new LogRecord.Snapshot(
            id,
            Domains.id(domain),
            session.id(),
            SealedText.encode(Summaries.seal(context.sealer(), domain.summaryKey(), id, info)),
            List.of(new LogRecord.Snapshot.StoredPack(last.id().toString(), last.sizeBytes())),
            rootChunk,
            List.of(references)));
  }

  private References references() {
    Map<Integer, BitSet> needed = new HashMap<>();
    for (int place : there) {
      needed
          .computeIfAbsent(place / CHUNKS_A_PACK, pack -> new BitSet())
          .set(place % CHUNKS_A_PACK);
    }
    return new References(
        needed.entrySet().stream()
            .map(pack -> new References.Pack(packs.get(pack.getKey()), pack.getValue()))
            .toList());
  }

  /** Without reading the log again for each entry: nobody else writes to it. */
  private void append(LogRecord body) {
    var entry =
        new LogEntry(next, tip, context.clock().instant(), service.writer().verifyKey().id(), body);
    byte[] object = entry.sign(service.writer());
    store.putIfAbsent(Names.log(next), new Body.Bytes(object));
    next++;
    tip = Hashes.sha256Hex(object);
  }
}
