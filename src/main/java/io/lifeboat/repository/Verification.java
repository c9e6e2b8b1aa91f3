package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import io.lifeboat.crypto.XWingIdentity;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  /** Two packs at most are in memory at a time. */
  private static final int PARALLEL_READS = 2;

  private final RepositoryContext context;
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong bytes = new AtomicLong();

  Verification(RepositoryContext context) {
    this.context = context;
  }

  /** How deep to look. */
  public enum Depth {
    /** Every object that a snapshot needs exists and has its size. */
    L0,
    /** Every object's bytes match its name, its hash or its signature. */
    L1,
    /** Every chunk opens and is what its id says. */
    L2
  }

  /** Runs; takes as long as reading the repository takes, from level 1 on. */
  public VerifyReport run(Depth depth, Progress progress) {
    progress.phase("verify");
    CommitLog.View view = context.log().read();
    problems.addAll(view.problems());
    attempt(Names.log(0), () -> Genesis.check(view, context.format(), context.formatSha256()));
    Map<String, ObjectInfo> objects = new HashMap<>();
    try (Stream<ObjectInfo> all = context.store().list("")) {
      all.filter(object -> !object.name().startsWith(Names.PROBE))
          .forEach(object -> objects.put(object.name(), object));
    }
    Set<PackRef> needed = needed(view);
    needed.forEach(pack -> checkPresent(pack, objects));
    if (depth != Depth.L0) {
      progress.expect(objects.values().stream().mapToLong(ObjectInfo::sizeBytes).sum());
      checkBytes(view, objects, depth, progress);
    }
    return new VerifyReport(
        depth.name(),
        objects.size(),
        bytes.get(),
        view.all(LogRecord.Snapshot.class).filter(PackFates.of(view)::isLive).count(),
        problems.stream().sorted().toList());
  }

  private Set<PackRef> needed(CommitLog.View view) {
    var reader = new PackIndexReader(context);
    Set<PackRef> needed = new HashSet<>();
    Relocations relocations = Relocations.of(view);
    view.all(LogRecord.Snapshot.class)
        .filter(PackFates.of(view)::isLive)
        .forEach(entry -> {
          needed.addAll(SnapshotPacks.refs(entry));
          attempt(
              "snapshot " + entry.snapshot(),
              () -> {
                SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
                relocations
                    .apply(entry, SnapshotPacks.references(last, entry))
                    .forEach(pack -> needed.add(pack.ref()));
              });
        });
    return needed;
  }

  private void checkPresent(PackRef pack, Map<String, ObjectInfo> objects) {
    ObjectInfo object = objects.get(pack.objectName());
    if (object == null) {
      problems.add(pack.objectName() + ": a snapshot needs it, and it is missing");
    } else if (object.sizeBytes() != pack.sizeBytes()) {
      problems.add(
          pack.objectName()
              + ": it has "
              + object.sizeBytes()
              + " bytes instead of "
              + pack.sizeBytes());
    }
  }

  private void checkBytes(
      CommitLog.View view, Map<String, ObjectInfo> objects, Depth depth, Progress progress) {
    Map<String, String> hashes = new HashMap<>(context.format().objects());
    view.all(LogRecord.Genesis.class)
        .forEach(genesis -> hashes.put(Names.FORMAT, genesis.formatSha256()));
    view.all(LogRecord.Evidence.class)
        .forEach(entry -> hashes.put(Names.evidence(entry.drill()), entry.sha256()));
    hashes.keySet().stream()
        .filter(name -> !objects.containsKey(name))
        .forEach(name -> problems.add(name + ": it is missing"));
    Consumer<Opened> chunks = depth == Depth.L2 ? chunkCheck(view) : opened -> {};
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "verify")) {
      List<Future<?>> reads = new ArrayList<>();
      for (ObjectInfo object : objects.values()) {
        reads.add(
            readers.submit(() -> {
              progress.checkCancelled();
              attempt(object.name(), () -> check(object, hashes, chunks));
              progress.advance(object.sizeBytes(), 1);
            }));
      }
      reads.forEach(Waits::get);
    }
  }

  /** A pack in memory. */
  private record Opened(PackRef pack, byte[] all) {}

  private void check(ObjectInfo object, Map<String, String> hashes, Consumer<Opened> chunks) {
    String name = object.name();
    if (CommitLog.isEntry(name)) {
      // Read and verified as a chain before.
      bytes.addAndGet(object.sizeBytes());
      return;
    }
    byte[] all = context.store().get(name);
    bytes.addAndGet(all.length);
    String hash = Hashes.sha256Hex(all);
    String lastPart = name.substring(name.lastIndexOf('/') + 1);
    boolean named = name.startsWith(Names.PACKS) || name.startsWith(Names.INDEX);
    String expected = named ? lastPart : hashes.getOrDefault(name, "");
    if (name.startsWith(Names.KEYS)) {
      checkEnvelope(name, all);
      return;
    }
    if (expected.isEmpty() && name.startsWith(Names.EVIDENCE)) {
      // A drill that was killed before its log entry: garbage that nobody relies on.
      return;
    }
    if (expected.isEmpty()) {
      problems.add(name + ": nothing in the log or the format explains this object");
    } else if (!hash.equals(expected)) {
      problems.add(name + ": its bytes were changed: SHA-256 is " + hash);
    } else if (name.startsWith(Names.PACKS)) {
      PackKind kind = name.startsWith(Names.PACKS + "d/") ? PackKind.DATA : PackKind.METADATA;
      PackRef ref = new PackRef(PackId.parse(lastPart, name), kind, all.length);
      if (!ref.objectName().equals(name)) {
        problems.add(name + ": it should be called " + ref.objectName());
      }
      chunks.accept(new Opened(ref, all));
    }
  }

  /** An envelope that was added can be checked by whom it is for. */
  private void checkEnvelope(String name, byte[] envelope) {
    if (!Envelopes.isAdded(name)) {
      problems.add(name + ": an envelope is not called like this");
      return;
    }
    for (XWingIdentity identity : context.keyring().requireMaintainers()) {
      if (name.contains("/" + identity.recipient().fingerprint() + ".")) {
        context.age().decrypt(List.of(identity), envelope);
      }
    }
  }

  private Consumer<Opened> chunkCheck(CommitLog.View view) {
    context.keyring().requireKit();
    var reader = new PackIndexReader(context);
    var domains = new Domains(context, view);
    List<ChunkIds> ids =
        view.all(LogRecord.Domain.class)
            .map(domain -> new ChunkIds(domains.key(domain.domain()).chunkIdKey()))
            .toList();
    return opened -> {
      PackIndexReader.OpenedPack pack = reader.open(opened.pack(), opened.all());
      for (PackEntry entry : pack.entries()) {
        byte[] plain = PackIndexReader.chunk(pack, entry, opened.all(), 0, context.chunkSealer());
        if (ids.stream().noneMatch(id -> matches(id, entry, plain))) {
          problems.add(
              opened.pack().objectName() + ": chunk " + entry.chunk() + " is not what its id says");
        }
      }
    };
  }

  private static boolean matches(ChunkIds ids, PackEntry entry, byte[] plain) {
    return Arrays.equals(ids.id(plain, 0, plain.length), entry.chunk().bytes());
  }

  private void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      // A pack that is not for our keys was not written by us.
      if (e.code().kind() != ErrorCode.Kind.INTEGRITY && e.code() != ErrorCode.KEY_MISMATCH) {
        throw e;
      }
      String message = String.valueOf(e.getMessage());
      problems.add(message.contains(what) ? message : what + ": " + message);
    }
  }
}
