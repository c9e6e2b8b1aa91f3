package io.lifeboat.repository;

import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Looks at every object of a repository. Levels 0 and 1 need no secret that reads contents; level 2
 * needs a recovery identity.
 *
 * <p>A failure of the store itself ends the verification with its exception: it says nothing about
 * the backups. Whatever is wrong with an object becomes a problem, and the rest is still looked at.
 */
public final class Verification {
  private static final int PARALLEL_LISTS = 8;
  private static final int READERS = Runtime.getRuntime().availableProcessors() + 2;

  /** A snapshot's affected files are named up to this number, {@code repair --report} names all. */
  private static final int NAMED_FILES = 20;

  private final RepositoryContext context;
  private final Envelopes envelopes;
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  private final Set<PackRef> gone = ConcurrentHashMap.newKeySet();
  private final Set<PackRef> right = ConcurrentHashMap.newKeySet();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong objectsRead = new AtomicLong();

  Verification(RepositoryContext context) {
    this.context = context;
    this.envelopes = new Envelopes(context.store(), context.age());
  }

  /** How deep to look. */
  public enum Depth {
    /** Every object that a snapshot needs exists and has its size. */
    L0,
    /** Every object's bytes match its name, its hash or its signature. */
    L1,
    /** Every chunk opens and is what its id says, and every tree resolves to such chunks. */
    L2
  }

  /** Reads everything, and leaves nothing behind. */
  public VerifyReport run(Depth depth, Progress progress) {
    return run(VerifyOrder.everything(depth), progress);
  }

  /** Runs; takes as long as reading the share takes, from level 1 on. */
  public VerifyReport run(VerifyOrder order, Progress progress) {
    Depth depth = order.depth();
    if (depth == Depth.L2) {
      context.keyring().requireKit();
    }
    progress.phase("verify");
    CommitLog.View view = context.rememberedTip().check(context.log().read());
    problems.addAll(view.problems());
    attempt(Names.log(0), () -> Genesis.check(view, context.format(), context.formatSha256()));
    Map<String, ObjectInfo> objects = new HashMap<>();
    try (Stream<ObjectInfo> all = context.store().list("")) {
      all.filter(object ->
              !object.name().startsWith(Names.PROBE) && !object.name().equals(Names.COPY_MARK))
          .forEach(object -> objects.put(object.name(), object));
    }
    Map<PackRef, ObjectInfo> packs = packs(objects.values());
    var attestations = new Attestations(context, view, objects.keySet(), packs.keySet(), depth);
    warnings.addAll(attestations.warnings());
    for (Attestation.Tip tip : attestations.tips()) {
      RememberedTip.rolledBack(context.store(), view, tip, "an attestation says")
          .filter(problem -> !problems.contains(problem))
          .ifPresent(problems::add);
    }
    var log = new CurrentLog(view, context.log()::read);
    Instant now = context.clock().instant();
    var rotation = new PackRotation(aged(packs, attestations));
    Set<PackRef> chosen = rotation.choose(order.share(), now, attestations.last());
    if (depth != Depth.L0) {
      List<ObjectInfo> toRead =
          objects.values().stream()
              .filter(object -> packRef(object).map(pack -> chosen.contains(pack)).orElse(true))
              .toList();
      progress.expect(toRead.stream().mapToLong(ObjectInfo::sizeBytes).sum());
      checkBytes(log, objects, toRead, attestations, depth, progress);
    }
    checkPresent(live(view), log, objects);
    warnings.addAll(WalCheck.holes(objects.keySet()));
    problems.addAll(log.now().view().problems());
    List<String> found = problems.stream().sorted().distinct().toList();
    if (order.attest() && depth != Depth.L0) {
      attestations
          .keep(attestation(attestations, view, depth, now, found))
          .ifPresent(warnings::add);
    }
    return new VerifyReport(
        depth.name(),
        objects.size(),
        bytes.get(),
        live(view).size(),
        found,
        warnings,
        coverage(packs.keySet(), rotation.oldest(right), now));
  }

  private Attestation attestation(
      Attestations attestations,
      CommitLog.View view,
      Depth depth,
      Instant now,
      List<String> found) {
    return new Attestation(
        new SnapshotIds(context.clock(), context.random()).next(),
        context.format().repository(),
        attestations.place(),
        now,
        depth.name(),
        objectsRead.get(),
        bytes.get(),
        Attestation.packs(right.stream().map(PackRef::id).toList()),
        found.size(),
        new Attestation.Tip(view.next() - 1, view.tip()));
  }

  private VerifyReport.Coverage coverage(
      Set<PackRef> packs, Optional<Instant> oldest, Instant now) {
    return new VerifyReport.Coverage(
        packs.size(),
        right.size(),
        packs.stream().mapToLong(PackRef::sizeBytes).sum(),
        right.stream().mapToLong(PackRef::sizeBytes).sum(),
        oldest.map(since -> Math.max(0, Duration.between(since, now).toDays())).orElse(0L));
  }

  private static List<PackRotation.Aged> aged(
      Map<PackRef, ObjectInfo> packs, Attestations attestations) {
    return packs.entrySet().stream()
        .map(pack ->
            new PackRotation.Aged(
                pack.getKey(),
                attestations.verifiedAt(pack.getKey().id()).orElse(pack.getValue().storedAt())))
        .toList();
  }

  private static Map<PackRef, ObjectInfo> packs(Iterable<ObjectInfo> objects) {
    Map<PackRef, ObjectInfo> packs = new HashMap<>();
    objects.forEach(object -> packRef(object).ifPresent(pack -> packs.put(pack, object)));
    return packs;
  }

  /** The pack that an object is by its name; empty for other objects, and for misnamed ones. */
  private static Optional<PackRef> packRef(ObjectInfo object) {
    return PackRef.of(object);
  }

  private static List<LogRecord.Snapshot> live(CommitLog.View view) {
    return view.all(LogRecord.Snapshot.class).filter(PackFates.of(view)::isLive).toList();
  }

  /**
   * Looks whether everything is there that snapshots need. What is not may have been moved or
   * removed by a prune since the log was read, so the log is read again before it is called
   * missing.
   */
  private void checkPresent(
      List<LogRecord.Snapshot> snapshots, CurrentLog log, Map<String, ObjectInfo> objects) {
    while (true) {
      CurrentLog.State state = log.now();
      Needed needed = needed(snapshots, state);
      Set<PackRef> missing = new HashSet<>(needed.unread());
      needed.packs().stream().filter(pack -> find(pack, objects).isEmpty()).forEach(missing::add);
      if (log.without(missing).equals(state)) {
        needed.packs().forEach(pack -> checkPresent(pack, find(pack, objects)));
        problems.addAll(needed.problems());
        return;
      }
    }
  }

  private Optional<ObjectInfo> find(PackRef pack, Map<String, ObjectInfo> objects) {
    ObjectInfo listed = objects.get(pack.objectName());
    return listed == null || gone.contains(pack)
        ? context.store().head(pack.objectName())
        : Optional.of(listed);
  }

  private void checkPresent(PackRef pack, Optional<ObjectInfo> object) {
    if (object.isEmpty()) {
      problems.add(pack.objectName() + ": a snapshot needs it, and it is missing");
    } else if (object.get().sizeBytes() != pack.sizeBytes()) {
      problems.add(
          pack.objectName()
              + ": it has "
              + object.get().sizeBytes()
              + " bytes instead of "
              + pack.sizeBytes());
    }
  }

  /**
   * What snapshots need.
   *
   * @param unread packs that the log names for snapshots whose lists could not be read
   * @param problems why, a sentence each
   */
  private record Needed(Set<PackRef> packs, Set<PackRef> unread, Set<String> problems) {
    Needed() {
      this(
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet());
    }
  }

  private Needed needed(List<LogRecord.Snapshot> snapshots, CurrentLog.State state) {
    var reader = new PackIndexReader(context);
    var needed = new Needed();
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_LISTS, "references")) {
      List<Future<?>> reads = new ArrayList<>();
      snapshots.stream()
          .filter(state.fates()::isLive)
          .forEach(entry ->
              reads.add(readers.submit(() -> add(entry, state.relocations(), reader, needed))));
      reads.forEach(Waits::get);
    }
    return needed;
  }

  private void add(
      LogRecord.Snapshot entry, Relocations relocations, PackIndexReader reader, Needed needed) {
    List<PackRef> named = SnapshotPacks.refs(entry);
    needed.packs().addAll(named);
    attempt(
        "snapshot " + entry.snapshot(),
        problem -> {
          needed.unread().addAll(named);
          needed.problems().add(problem);
        },
        () -> {
          SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
          relocations
              .apply(entry, SnapshotPacks.references(last, entry))
              .forEach(pack -> needed.packs().add(pack.ref()));
        });
  }

  private void checkBytes(
      CurrentLog log,
      Map<String, ObjectInfo> objects,
      List<ObjectInfo> toRead,
      Attestations attestations,
      Depth depth,
      Progress progress) {
    CommitLog.View view = log.now().view();
    Map<String, String> hashes = new HashMap<>(context.format().objects());
    view.all(LogRecord.Genesis.class)
        .forEach(genesis -> hashes.put(Names.FORMAT, genesis.formatSha256()));
    view.all(LogRecord.Evidence.class)
        .forEach(entry -> hashes.put(Names.evidence(entry), entry.sha256()));
    hashes.keySet().stream()
        .filter(name -> !objects.containsKey(name))
        .forEach(name -> problems.add(name + ": it is missing"));
    var packs = new OpenedPacks(new PackIndexReader(context));
    PackCheck check = depth == Depth.L2 ? chunkCheck(view, packs) : (pack, all) -> true;
    var wal = new WalCheck(context, view, depth == Depth.L2, problems::add);
    new BoundedWork(READERS)
        .each(
            toRead,
            "verify",
            object -> {
              progress.checkCancelled();
              if (object.name().startsWith(Names.ATTESTATIONS)) {
                bytes.addAndGet(object.sizeBytes());
                attestations.look(object.name()).ifPresent(warnings::add);
              } else {
                attempt(object.name(), () -> check(object, hashes, wal, check));
              }
              objectsRead.incrementAndGet();
              progress.advance(object.sizeBytes(), 1);
            });
    attempt(Names.INDEX, () -> checkIndex(view, packs(objects.values()).keySet()));
    if (depth == Depth.L2) {
      checkTrees(log, packs, progress);
    }
  }

  private void checkIndex(CommitLog.View view, Set<PackRef> packs) {
    new IndexRepair(context, view)
        .unnamed(packs)
        .forEach((domain, count) ->
            warnings.add(
                Names.index(domain)
                    + ": no index segment names "
                    + count
                    + " packs that snapshots need, so backups store their chunks again;"
                    + " `lifeboat repair` writes one"));
  }

  /** Looks into a pack whose bytes are those of its name; answers whether all is right. */
  private interface PackCheck {
    boolean check(PackRef pack, byte[] all);
  }

  private void check(
      ObjectInfo object, Map<String, String> hashes, WalCheck wal, PackCheck packCheck) {
    String name = object.name();
    if (Names.isLogEntry(name)) {
      // Read and verified before.
      bytes.addAndGet(object.sizeBytes());
      return;
    }
    byte[] all;
    try {
      all = context.store().get(name, ObjectLimits.of(object));
    } catch (PermanentException e) {
      boolean pruned = PackRef.of(object).isPresent() || WalArchive.isPiece(name);
      if (e.code() != ErrorCode.OBJECT_MISSING || !pruned) {
        throw e;
      }
      // Somebody prunes: whether a snapshot needs it is looked up when all are read.
      PackRef.of(object).ifPresent(gone::add);
      return;
    }
    bytes.addAndGet(all.length);
    boolean named = name.startsWith(Names.PACKS) || name.startsWith(Names.INDEX);
    String expected = named ? hashInName(name) : hashes.getOrDefault(name, "");
    if (name.startsWith(Names.KEYS)) {
      checkEnvelope(name, all);
      return;
    }
    if (name.startsWith(Names.WAL)) {
      wal.check(name, all);
      return;
    }
    if (expected.isEmpty() && name.startsWith(Names.EVIDENCE)) {
      // A drill that was killed before its log entry: garbage that nobody relies on.
      return;
    }
    if (expected.isEmpty()) {
      problems.add(name + ": nothing in the log or the format explains this object");
      return;
    }
    Optional<String> changed = changed(name, all, expected);
    if (changed.isPresent()) {
      problems.add(changed.get());
    } else if (name.startsWith(Names.PACKS)) {
      Optional<PackRef> pack = PackRef.of(object);
      if (pack.isEmpty()) {
        problems.add(name + ": it is not where a pack of this name belongs");
      } else {
        if (packCheck.check(pack.get(), all)) {
          right.add(pack.get());
        }
      }
    }
  }

  /** The SHA-256 that a pack or an index segment has, by its name. */
  static String hashInName(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /**
   * What is wrong with an object's bytes, as a sentence.
   *
   * @param expected their SHA-256 in hexadecimal
   */
  static Optional<String> changed(String name, byte[] all, String expected) {
    String hash = Hashes.sha256Hex(all);
    return hash.equals(expected)
        ? Optional.empty()
        : Optional.of(name + ": its bytes were changed: SHA-256 is " + hash);
  }

  /** An envelope that was added can be checked by whom it is for. */
  private void checkEnvelope(String name, byte[] envelope) {
    if (!Envelopes.isAdded(name)) {
      problems.add(name + ": an envelope is not called like this");
      return;
    }
    for (XWingIdentity identity : context.keyring().requireMaintainers()) {
      if (name.contains("/" + identity.recipient().fingerprint() + ".")) {
        envelopes.openAdded(name, identity, envelope);
      }
    }
  }

  private PackCheck chunkCheck(CommitLog.View view, OpenedPacks packs) {
    var reader = new PackIndexReader(context);
    var check = new ChunkCheck(context, ChunkCheck.ids(context, view));
    return (ref, all) -> {
      PackIndexReader.OpenedPack pack = reader.open(ref, all);
      packs.add(pack);
      return check.run(
          pack,
          all,
          (entry, why) -> {
            packs.damaged(entry.chunk());
            problems.add(ref.objectName() + ": chunk " + entry.chunk() + " " + why);
          });
    };
  }

  private void checkTrees(CurrentLog log, OpenedPacks packs, Progress progress) {
    var trees = new TreeCheck(context, log, packs);
    live(log.now().view())
        .forEach(entry -> {
          progress.checkCancelled();
          var count = new AtomicLong();
          trees.run(
              entry,
              affected -> {
                if (count.incrementAndGet() <= NAMED_FILES) {
                  problems.add(affected.sentence());
                }
              });
          if (count.get() > NAMED_FILES) {
            problems.add(
                "snapshot "
                    + entry.snapshot()
                    + ": "
                    + (count.get() - NAMED_FILES)
                    + " more files are affected: `lifeboat repair --report` names all");
          }
        });
  }

  private void attempt(String what, Runnable work) {
    attempt(what, problems::add, work);
  }

  private static void attempt(String what, Consumer<String> problem, Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      String message = String.valueOf(e.getMessage());
      problem.accept(message.contains(what) ? message : what + ": " + message);
    }
  }
}
