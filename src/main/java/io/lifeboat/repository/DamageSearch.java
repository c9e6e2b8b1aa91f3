package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Reads the packs that snapshots need and finds what is missing or damaged; with a recovery
 * identity, down to the chunk, as the others of a damaged pack are as good as before.
 */
final class DamageSearch {
  private static final int PARALLEL = 4;

  private final RepositoryContext context;
  private final CurrentLog log;
  private final PackIndexReader reader;
  private final OpenedPacks packs;
  private final Set<PackRef> gone = ConcurrentHashMap.newKeySet();
  private final Set<PackRef> damaged = ConcurrentHashMap.newKeySet();
  private final Set<String> problems = Collections.synchronizedSet(new TreeSet<>());

  DamageSearch(RepositoryContext context, CurrentLog log) {
    this.context = context;
    this.log = log;
    this.reader = new PackIndexReader(context);
    this.packs = new OpenedPacks(reader);
  }

  /** What the search has found out of packs. */
  OpenedPacks packs() {
    return packs;
  }

  /** Follows trees by what the search has found out. */
  TreeCheck trees() {
    return new TreeCheck(context, log, packs);
  }

  /** Looks at all snapshots. */
  DamageReport all(Progress progress) {
    List<Affected> affected =
        search(log.now().view().all(LogRecord.Snapshot.class).toList(), progress);
    return new DamageReport(List.copyOf(problems), affected);
  }

  /** Reads the packs of one snapshot, and tells what of it does not come back. */
  List<Affected> one(LogRecord.Snapshot entry, Progress progress) {
    return search(List.of(entry), progress);
  }

  private List<Affected> search(List<LogRecord.Snapshot> snapshots, Progress progress) {
    look(snapshots, progress);
    List<Affected> affected = new ArrayList<>();
    snapshots.stream()
        .filter(log::isLive)
        .forEach(entry -> {
          progress.checkCancelled();
          affected.addAll(affected(entry));
        });
    return affected;
  }

  /**
   * Reads what snapshots need. Where something is gone, the log is read again: a prune may have
   * moved it, or forgotten the snapshot, and then what is needed instead is looked at.
   */
  private void look(List<LogRecord.Snapshot> snapshots, Progress progress) {
    Set<PackRef> looked = new HashSet<>();
    while (true) {
      CurrentLog.State state = log.now();
      Set<PackRef> needed = new HashSet<>();
      Set<String> unread = new TreeSet<>();
      for (LogRecord.Snapshot entry : snapshots) {
        if (state.fates().isLive(entry)) {
          references(entry, state, unread::add).ifPresent(needed::addAll);
        }
      }
      Set<PackRef> toLook = new HashSet<>(needed);
      toLook.removeAll(looked);
      look(toLook, progress);
      looked.addAll(toLook);
      if (log.without(gone).equals(state)) {
        problems.addAll(unread);
        needed.stream().filter(gone::contains).forEach(pack -> damaged(pack, "it is missing"));
        return;
      }
    }
  }

  /** The packs of a snapshot; empty if those that the log names for it do not tell. */
  private Optional<Collection<PackRef>> references(
      LogRecord.Snapshot entry, CurrentLog.State state, Consumer<String> problem) {
    try {
      SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
      return Optional.of(
          state.relocations().apply(entry, SnapshotPacks.references(last, entry)).stream()
              .map(References.Pack::ref)
              .toList());
    } catch (LifeboatException e) {
      requireDamage(e);
      if (e.code() == ErrorCode.OBJECT_MISSING) {
        gone.addAll(SnapshotPacks.refs(entry));
      }
      problem.accept("snapshot " + entry.snapshot() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private void look(Collection<PackRef> needed, Progress progress) {
    List<ObjectInfo> objects =
        needed.stream()
            .map(pack -> new ObjectInfo(pack.objectName(), pack.sizeBytes(), Instant.EPOCH))
            .toList();
    progress.expect(objects.stream().mapToLong(ObjectInfo::sizeBytes).sum());
    new BoundedWork(PARALLEL)
        .each(
            objects,
            "damage",
            object -> {
              progress.checkCancelled();
              look(PackRef.of(object).orElseThrow());
              progress.advance(object.sizeBytes(), 1);
            });
  }

  private void look(PackRef pack) {
    try {
      byte[] all = context.store().get(pack.objectName(), ObjectLimits.of(pack));
      if (all.length != pack.sizeBytes()) {
        damaged(pack, "it has " + all.length + " bytes instead of " + pack.sizeBytes());
      } else if (!Hashes.sha256Hex(all).equals(pack.id().toString())) {
        damaged(pack, "its bytes were changed");
      }
      if (damaged.contains(pack) && context.keyring().kit().isPresent()) {
        lookInside(pack, all);
      }
    } catch (LifeboatException e) {
      requireDamage(e);
      if (e.code() == ErrorCode.OBJECT_MISSING) {
        gone.add(pack);
      } else {
        damaged(pack, String.valueOf(e.getMessage()));
      }
    }
  }

  private void lookInside(PackRef pack, byte[] all) {
    if (all.length == pack.sizeBytes()) {
      PackIndexReader.OpenedPack opened = reader.open(pack, all);
      packs.add(opened);
      new ChunkCheck(context, ChunkCheck.ids(context, log.now().view()))
          .run(opened, all, (entry, why) -> packs.damaged(entry.chunk()));
    }
  }

  private void damaged(PackRef pack, String why) {
    damaged.add(pack);
    problems.add(why.contains(pack.objectName()) ? why : pack.objectName() + ": " + why);
  }

  private List<Affected> affected(LogRecord.Snapshot entry) {
    Set<String> unread = new TreeSet<>();
    Optional<Collection<PackRef>> needed = references(entry, log.now(), unread::add);
    List<Affected> affected = new ArrayList<>();
    if (needed.isEmpty() && !log.without(gone).fates().isLive(entry)) {
      return affected; // forgotten since it was looked at
    }
    problems.addAll(unread);
    if (needed.isEmpty()) {
      affected.add(
          new Affected(entry.snapshot(), "", "what the log names for it is missing or damaged"));
    } else if (context.keyring().kit().isPresent()) {
      trees().run(entry, affected::add);
    } else {
      needed.get().stream()
          .filter(damaged::contains)
          .findFirst()
          .ifPresent(pack ->
              affected.add(
                  new Affected(
                      entry.snapshot(),
                      "",
                      "it needs " + pack.objectName() + "; with the kit its files are named")));
    }
    return affected;
  }

  private static void requireDamage(LifeboatException e) {
    if (!OpenedPacks.isDamage(e)) {
      throw e;
    }
  }
}
