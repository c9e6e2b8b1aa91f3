package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
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
  private final CommitLog.View view;
  private final Relocations relocations;
  private final PackIndexReader reader;
  private final OpenedPacks packs;
  private final Set<PackRef> damaged = ConcurrentHashMap.newKeySet();
  private final Set<String> problems = Collections.synchronizedSet(new TreeSet<>());

  DamageSearch(RepositoryContext context, CommitLog.View view) {
    this.context = context;
    this.view = view;
    this.relocations = Relocations.of(view);
    this.reader = new PackIndexReader(context);
    this.packs = new OpenedPacks(reader);
  }

  /** What the search has found out of packs. */
  OpenedPacks packs() {
    return packs;
  }

  /** Follows trees by what the search has found out. */
  TreeCheck trees() {
    return new TreeCheck(context, relocations, packs);
  }

  /** Looks at all snapshots. */
  DamageReport all(Progress progress) {
    List<LogRecord.Snapshot> snapshots =
        view.all(LogRecord.Snapshot.class).filter(PackFates.of(view)::isLive).toList();
    List<Affected> affected = new ArrayList<>();
    Set<PackRef> needed = ConcurrentHashMap.newKeySet();
    snapshots.forEach(entry -> references(entry).ifPresent(needed::addAll));
    look(needed, progress);
    for (LogRecord.Snapshot entry : snapshots) {
      progress.checkCancelled();
      affected.addAll(affected(entry));
    }
    return new DamageReport(List.copyOf(problems), affected);
  }

  /** Reads the packs of one snapshot, and tells what of it does not come back. */
  List<Affected> one(LogRecord.Snapshot entry, Progress progress) {
    references(entry).ifPresent(needed -> look(needed, progress));
    return affected(entry);
  }

  /** The packs of a snapshot; empty if those that the log names for it do not tell. */
  private Optional<Collection<PackRef>> references(LogRecord.Snapshot entry) {
    try {
      SnapshotPacks.Last last = SnapshotPacks.last(context, reader, entry);
      return Optional.of(
          relocations.apply(entry, SnapshotPacks.references(last, entry)).stream()
              .map(References.Pack::ref)
              .toList());
    } catch (LifeboatException e) {
      requireDamage(e);
      problems.add("snapshot " + entry.snapshot() + ": " + e.getMessage());
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
      byte[] all = context.store().get(pack.objectName());
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
      damaged(pack, String.valueOf(e.getMessage()));
    }
  }

  private void lookInside(PackRef pack, byte[] all) {
    if (all.length == pack.sizeBytes()) {
      PackIndexReader.OpenedPack opened = reader.open(pack, all);
      packs.add(opened);
      new ChunkCheck(context, ChunkCheck.ids(context, view))
          .run(opened, all, (entry, why) -> packs.damaged(entry.chunk()));
    }
  }

  private void damaged(PackRef pack, String why) {
    damaged.add(pack);
    problems.add(why.contains(pack.objectName()) ? why : pack.objectName() + ": " + why);
  }

  private List<Affected> affected(LogRecord.Snapshot entry) {
    Optional<Collection<PackRef>> needed = references(entry);
    List<Affected> affected = new ArrayList<>();
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
