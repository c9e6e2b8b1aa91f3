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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

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
    List<LogRecord.Snapshot> snapshots =
        log.view().all(LogRecord.Snapshot.class).filter(log::isLive).toList();
    List<Affected> affected = search(snapshots, progress);
    return new DamageReport(List.copyOf(problems), affected);
  }

  /** Reads the packs of one snapshot, and tells what of it does not come back. */
  List<Affected> one(LogRecord.Snapshot entry, Progress progress) {
    return search(List.of(entry), progress);
  }

  private List<Affected> search(List<LogRecord.Snapshot> snapshots, Progress progress) {
    Map<LogRecord.Snapshot, Needed> needed = look(snapshots, progress);
    List<Affected> affected = new ArrayList<>();
    needed.forEach((entry, packs) -> {
      progress.checkCancelled();
      affected.addAll(affected(entry, packs));
    });
    return affected;
  }

  /**
   * The packs of a snapshot.
   *
   * @param problem why they are not known: those that the log names for it do not tell
   */
  private record Needed(Collection<PackRef> packs, Optional<String> problem) {}

  /**
   * Reads what snapshots need. Where something is gone, the log is read again: a prune may have
   * moved it, or forgotten the snapshot, and then what is needed instead is looked at.
   */
  private Map<LogRecord.Snapshot, Needed> look(
      List<LogRecord.Snapshot> snapshots, Progress progress) {
    Set<PackRef> looked = new HashSet<>();
    while (true) {
      CommitLog.View view = log.view();
      Map<LogRecord.Snapshot, Needed> needed = needed(snapshots, view);
      Set<PackRef> toLook = new HashSet<>();
      needed.values().forEach(packs -> toLook.addAll(packs.packs()));
      toLook.removeAll(looked);
      look(toLook, progress);
      looked.addAll(toLook);
      if (log.without(gone).equals(view)) {
        needed.values().forEach(this::note);
        return needed;
      }
    }
  }

  private void note(Needed needed) {
    needed.problem().ifPresent(problems::add);
    needed.packs().stream()
        .filter(gone::contains)
        .forEach(pack -> damaged(pack, "it is missing"));
  }

  private Map<LogRecord.Snapshot, Needed> needed(
      List<LogRecord.Snapshot> snapshots, CommitLog.View view) {
    Relocations relocations = Relocations.of(view);
    Map<LogRecord.Snapshot, Needed> needed = new LinkedHashMap<>();
    snapshots.stream()
        .filter(PackFates.of(view)::isLive)
        .forEach(entry -> needed.put(entry, needed(entry, relocations)));
    return needed;
  }

  private Needed needed(LogRecord.Snapshot entry, Relocations relocations) {
    try {
      SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
      return new Needed(
          relocations.apply(entry, SnapshotPacks.references(last, entry)).stream()
              .map(References.Pack::ref)
              .toList(),
          Optional.empty());
    } catch (LifeboatException e) {
      requireDamage(e);
      if (e.code() == ErrorCode.OBJECT_MISSING) {
        gone.addAll(SnapshotPacks.refs(entry));
      }
      return new Needed(
          List.of(), Optional.of("snapshot " + entry.snapshot() + ": " + e.getMessage()));
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
      new ChunkCheck(context, ChunkCheck.ids(context, log.view()))
          .run(opened, all, (entry, why) -> packs.damaged(entry.chunk()));
    }
  }

  private void damaged(PackRef pack, String why) {
    damaged.add(pack);
    problems.add(why.contains(pack.objectName()) ? why : pack.objectName() + ": " + why);
  }

  private List<Affected> affected(LogRecord.Snapshot entry, Needed needed) {
    List<Affected> affected = new ArrayList<>();
    if (needed.problem().isPresent()) {
      affected.add(
          new Affected(entry.snapshot(), "", "what the log names for it is missing or damaged"));
    } else if (context.keyring().kit().isPresent()) {
      trees().run(entry, affected::add);
    } else {
      needed.packs().stream()
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
