package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what no snapshot needs, without locks and without trusting a clock: {@link #forget}
 * snapshots, {@link #condemn} packs, let time pass, {@link #sweep} what is still not needed, {@link
 * #deleteSwept}. Each step may be interrupted, repeated, and run by several nodes at once, beside
 * backups. Needs a maintenance identity, which reads no contents.
 *
 * <p>Why nothing is lost: a sweep is appended right behind the entries it was computed from, so
 * every snapshot before it was looked at; and a snapshot behind it is only appended by a writer
 * that has read it and needs nothing that it names. Times decide how much work is repeated, never
 * whether a snapshot is whole. Not thread-safe.
 */
public final class Maintenance {
  /** An entry of the log has at most 16 MiB; one of these takes a hundred bytes. */
  private static final int MOST_PACKS_AN_ENTRY = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

  private final RepositoryContext context;
  private final PackIndexReader reader;
  private final Liveness live;
  private final Liveness freed;

  Maintenance(RepositoryContext context) {
    this.context = context;
    this.reader = new PackIndexReader(context);
    this.live = new Liveness(context, reader);
    this.freed = new Liveness(context, reader);
  }

  /** The store's own time. */
  public Instant storeTime() {
    return StoreClock.now(context.store(), context.random());
  }

  /**
   * The snapshots that are there, oldest first, with what retention goes by.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code LOG_BROKEN} if anything is wrong
   *     with the log: then nothing may be removed
   */
  public List<LoggedSnapshot> history() {
    CommitLog.View view = context.log().read();
    Genesis.check(view, context.format(), context.formatSha256());
    context.rememberedTip().require(view);
    var catalog = new Catalog(context, view);
    requireSound(catalog);
    Map<String, Instant> storedAt = new HashMap<>();
    try (Stream<ObjectInfo> entries = context.store().list(Names.LOG)) {
      entries.forEach(entry -> storedAt.put(entry.name(), entry.storedAt()));
    }
    Map<String, String> held = PackFates.of(view).held();
    var history = new ArrayList<LoggedSnapshot>();
    for (SnapshotSequence.Listed snapshot : catalog.listed()) {
      LogEntry entry = snapshot.entry();
      Instant stored = storedAt.get(Names.log(entry.n()));
      if (stored != null) {
        history.add(
            new LoggedSnapshot(
                snapshot.info(),
                stored,
                entry.at(),
                entry.writer(),
                Optional.ofNullable(held.get(snapshot.info().id()))));
      }
    }
    return history;
  }

  /** What looks like garbage may be what an entry needs that is lost. */
  private void requireSound(Catalog catalog) {
    if (!catalog.problems().isEmpty()) {
      throw new PermanentException(
          ErrorCode.LOG_BROKEN,
          "The commit log at "
              + context.store().describe()
              + " is damaged, so nothing is forgotten or removed: "
              + String.join("; ", catalog.problems()),
          "Nothing was written. " + Hints.REPAIR_LOG + " Then prune again.");
    }
  }

  /** Keeps a snapshot from being forgotten, until it is released. */
  public void hold(String snapshot, String because) {
    append(new LogRecord.Hold(snapshot, because));
  }

  /** Lets retention decide about a snapshot again. */
  public void release(String snapshot) {
    append(new LogRecord.Release(snapshot));
  }

  /** Whether the log has a snapshot that is not forgotten, readable or not. */
  public boolean isThere(String snapshot) {
    CommitLog.View view = context.log().read();
    PackFates fates = PackFates.of(view);
    return view.all(LogRecord.Snapshot.class)
        .anyMatch(entry -> entry.snapshot().equals(snapshot) && fates.isLive(entry));
  }

  /**
   * Removes snapshots from the repository's list; what they alone need becomes garbage.
   *
   * @throws PermanentException with code {@code SNAPSHOT_HELD} if one of them is held
   */
  public void forget(List<String> snapshots) {
    if (!snapshots.isEmpty()) {
      context
          .log()
          .append(
              new LogRecord.Forget(snapshots),
              context.keyring().signer(),
              view -> requireReleased(view, snapshots));
    }
  }

  private static void requireReleased(CommitLog.View view, List<String> snapshots) {
    Map<String, String> held = PackFates.of(view).held();
    for (String snapshot : snapshots) {
      if (held.containsKey(snapshot)) {
        throw new PermanentException(
            ErrorCode.SNAPSHOT_HELD,
            "Snapshot " + snapshot + " is held, because: " + held.get(snapshot),
            "`lifeboat release " + snapshot + "` ends that. Nothing was forgotten.");
      }
    }
  }

  private void append(LogRecord record) {
    context.log().append(record, context.keyring().signer(), view -> {});
  }

  /**
   * What {@link #condemn} found.
   *
   * @param packs objects that no snapshot needs
   * @param young packs that no snapshot needs, but which a running backup may be about to name
   */
  public record Condemned(long packs, long bytes, long young) {}

  /**
   * Condemns the packs that no snapshot needs and that are not condemned yet.
   *
   * @param uncommitted how long packs are left alone that never belonged to a snapshot: a backup
   *     may still be running, and the next run reuses what a killed one has stored
   * @param dryRun only looks
   * @param forgotten what a dry run would have forgotten before
   */
  public Condemned condemn(
      Duration uncommitted, Instant storeTime, boolean dryRun, Set<String> forgotten) {
    CommitLog.View before = context.log().read();
    PackFates fates = PackFates.of(before);
    Relocations relocations = Relocations.of(before);
    live.add(liveSnapshots(before, fates, forgotten), relocations);
    Map<String, Stored> stored = storedPacks();
    requireThere(stored);
    var garbage = new ArrayList<PackRef>();
    long young = 0;
    addFreed(before, fates, stored.keySet(), forgotten, relocations);
    for (Stored pack : stored.values()) {
      PackId id = pack.ref().id();
      if (live.needs(id) || fates.isAbsent(id)) {
        continue;
      }
      if (freed.needs(id) || !pack.storedAt().plus(uncommitted).isAfter(storeTime)) {
        garbage.add(pack.ref());
      } else {
        young++;
      }
    }
    if (!dryRun) {
      for (int at = 0; at < garbage.size(); at += MOST_PACKS_AN_ENTRY) {
        condemn(garbage.subList(at, Math.min(garbage.size(), at + MOST_PACKS_AN_ENTRY)));
      }
    }
    return new Condemned(
        garbage.size(), garbage.stream().mapToLong(PackRef::sizeBytes).sum(), young);
  }

  /** Where something is lost already, what looks like garbage may be all that is left of it. */
  private void requireThere(Map<String, Stored> stored) {
    live.packs().stream()
        .map(PackRef::objectName)
        .filter(name -> !stored.containsKey(name))
        .findFirst()
        .ifPresent(name -> {
          throw new PermanentException(
              ErrorCode.OBJECT_MISSING,
              name + ": a snapshot needs it, and it is missing, so nothing is removed now",
              "Put it back from a copy; `lifeboat repair --report` says which snapshots it hits,"
                  + " and `lifeboat forget SNAPSHOT` gives one up.");
        });
  }

  private void condemn(Collection<PackRef> garbage) {
    context
        .log()
        .append(
            context.keyring().signer(),
            view -> {
              PackFates fates = PackFates.of(view);
              live.add(liveSnapshots(view, fates, Set.of()), Relocations.of(view));
              List<LogRecord.CondemnedPack> packs =
                  garbage.stream()
                      .filter(pack -> !live.needs(pack.id()) && !fates.isAbsent(pack.id()))
                      .map(PackFates::named)
                      .toList();
              return packs.isEmpty() ? Optional.empty() : Optional.of(new LogRecord.Condemn(packs));
            });
  }

  private static List<LogRecord.Snapshot> liveSnapshots(
      CommitLog.View view, PackFates fates, Set<String> forgotten) {
    return view.all(LogRecord.Snapshot.class)
        .filter(fates::isLive)
        .filter(entry -> !forgotten.contains(entry.snapshot()))
        .toList();
  }

  /**
   * Takes in what forgotten snapshots needed, as far as their lists can be read; packs of the
   * others wait until their age condemns them.
   */
  private void addFreed(
      CommitLog.View view,
      PackFates fates,
      Set<String> stored,
      Set<String> forgotten,
      Relocations relocations) {
    List<LogRecord.Snapshot> readable =
        view.all(LogRecord.Snapshot.class)
            .filter(entry -> !fates.isLive(entry) || forgotten.contains(entry.snapshot()))
            .filter(entry ->
                SnapshotPacks.refs(entry).stream()
                    .allMatch(
                        pack -> stored.contains(pack.objectName()) && !fates.isAbsent(pack.id())))
            .toList();
    freed.add(
        readable,
        relocations,
        (entry, failure) ->
            LOG.warn(
                "event=forgotten-unreadable snapshot={} reason={}",
                entry.snapshot(),
                failure.getMessage()));
  }

  /** A pack that is there, and since when. */
  private record Stored(PackRef ref, Instant storedAt) {}

  private Map<String, Stored> storedPacks() {
    Map<String, Stored> packs = new HashMap<>();
    try (Stream<ObjectInfo> objects = context.store().list(Names.PACKS)) {
      objects.forEach(object ->
          PackRef.of(object)
              .ifPresent(ref -> packs.put(object.name(), new Stored(ref, object.storedAt()))));
    }
    return packs;
  }

  /**
   * What {@link #repack} did.
   *
   * @param originals packs that became garbage by it
   * @param freedBytes how many more bytes these have than what was copied out of them
   */
  public record Repacked(PackTally originals, long freedBytes) {}

  /**
   * Copies what is needed of packs that are mostly dead into new ones, sealed as it is; the old
   * ones become garbage. Only packs that a forgotten snapshot has freed a part of are looked at.
   *
   * @param mostlyDead how much of a pack's bytes must be dead, from 0 to 1
   */
  public Repacked repack(double mostlyDead, Progress progress) {
    return repack(mostlyDead, false, Set.of(), progress);
  }

  /**
   * The same, or only a look at what it would do.
   *
   * @param forgotten what a dry run would have forgotten before
   */
  public Repacked repack(
      double mostlyDead, boolean dryRun, Set<String> forgotten, Progress progress) {
    CommitLog.View view = context.log().read();
    PackFates fates = PackFates.of(view);
    Relocations relocations = Relocations.of(view);
    var needed = new Liveness(context, reader);
    needed.add(liveSnapshots(view, fates, forgotten), relocations);
    addFreed(view, fates, storedPacks().keySet(), forgotten, relocations);
    List<PackRef> candidates =
        freed.packs().stream()
            .filter(pack -> needed.needs(pack.id()) && !needed.needsWhole(pack.id()))
            .filter(pack -> !fates.isAbsent(pack.id()))
            .toList();
    Session.Recipients recipients = RecipientHistory.of(context.format(), view).current();
    var repacking = new Repacking(context, reader, needed, recipients);
    return dryRun
        ? repacking.look(candidates, mostlyDead, progress)
        : repacking.run(candidates, mostlyDead, progress);
  }

  /**
   * Decides for good about packs that were condemned long enough ago; what a snapshot needs
   * meanwhile is taken back.
   *
   * @param grace how long writers have had to notice
   * @return how many packs may be deleted now
   */
  public long sweep(Duration grace, Instant storeTime) {
    long swept = 0;
    for (long condemned : PackFates.of(context.log().read()).waitingForSweep().keySet()) {
      boolean due =
          CondemnedPacks.end(context, condemned, grace)
              .filter(end -> !end.isAfter(storeTime))
              .isPresent();
      if (due) {
        swept += sweep(condemned);
      }
    }
    return swept;
  }

  /**
   * What waits to be swept, and of that what {@link #sweep} would name at that time.
   *
   * @param forgotten what a dry run would have forgotten before
   */
  public CondemnedPacks condemned(Duration grace, Instant storeTime, Set<String> forgotten) {
    CommitLog.View view = context.log().read();
    PackFates fates = PackFates.of(view);
    live.add(liveSnapshots(view, fates, forgotten), Relocations.of(view));
    return CondemnedPacks.of(context, fates, live, grace, storeTime);
  }

  private long sweep(long condemned) {
    var named = new ArrayList<String>();
    Optional<Long> entry =
        context
            .log()
            .append(
                context.keyring().signer(),
                view -> {
                  PackFates fates = PackFates.of(view);
                  live.add(liveSnapshots(view, fates, Set.of()), Relocations.of(view));
                  LogRecord.Condemn waiting = fates.waitingForSweep().get(condemned);
                  if (waiting == null) {
                    return Optional.empty(); // somebody else was quicker
                  }
                  named.clear();
                  waiting.packs().stream()
                      .filter(pack -> !live.needs(PackFates.id(pack)))
                      .forEach(pack -> named.add(pack.id()));
                  return Optional.of(new LogRecord.Sweep(condemned, named));
                });
    return entry.isPresent() ? named.size() : 0;
  }

  /**
   * What {@link #deleteSwept} did.
   *
   * @param refused objects that the store would not delete, such as locked ones; they are tried
   *     again next time
   */
  public record Deleted(long packs, long bytes, List<String> refused) {}

  /** Deletes swept packs, whoever has swept them; may be repeated at any time. */
  public Deleted deleteSwept(Progress progress) {
    long packs = 0;
    long bytes = 0;
    var refused = new ArrayList<String>();
    for (PackRef pack : sweptAndStored()) {
      progress.checkCancelled();
      try {
        context.store().delete(pack.objectName());
        packs++;
        bytes += pack.sizeBytes();
      } catch (LifeboatException e) {
        refused.add(pack.objectName() + ": " + e.getMessage());
      }
    }
    return new Deleted(packs, bytes, refused);
  }

  /** What {@link #deleteSwept} would delete. */
  public PackTally swept() {
    return PackTally.of(sweptAndStored());
  }

  private List<PackRef> sweptAndStored() {
    Map<String, Stored> stored = storedPacks();
    return PackFates.of(context.log().read()).swept().stream()
        .filter(pack -> stored.containsKey(pack.objectName()))
        .toList();
  }

  /**
   * What {@link #pruneWal} did.
   *
   * @param refused objects that the store would not delete; they are tried again next time
   */
  public record DeletedWal(long pieces, long bytes, List<String> refused) {
    /** Copies the list. */
    public DeletedWal {
      refused = List.copyOf(refused);
    }
  }

  /**
   * Deletes the pieces of WAL that no snapshot needs any more.
   *
   * @param uncommitted how long pieces are left alone whatever snapshots there are
   * @param dryRun only looks
   * @param forgotten what a dry run would have forgotten before
   * @throws io.lifeboat.error.PermanentException with code {@code LOG_BROKEN} if anything is wrong
   *     with the log: what is not needed may be what a lost entry needs
   */
  public DeletedWal pruneWal(
      Duration uncommitted,
      Instant storeTime,
      boolean dryRun,
      Set<String> forgotten,
      Progress progress) {
    CommitLog.View view = context.log().read();
    var catalog = new Catalog(context, view);
    requireSound(catalog);
    List<SnapshotInfo> kept =
        catalog.snapshots().stream().filter(info -> !forgotten.contains(info.id())).toList();
    return new WalPruning(context, view, kept).run(storeTime.minus(uncommitted), dryRun, progress);
  }

  /** The names of all objects that snapshots need or that tell of them: what has to stay locked. */
  public Set<String> neededObjects() {
    CommitLog.View view = context.log().read();
    live.add(liveSnapshots(view, PackFates.of(view), Set.of()), Relocations.of(view));
    try (Stream<ObjectInfo> objects = context.store().list("")) {
      return objects
          .filter(object -> !object.name().startsWith(Names.PROBE))
          .filter(object -> PackRef.of(object).map(pack -> live.needs(pack.id())).orElse(true))
          .map(ObjectInfo::name)
          .collect(Collectors.toSet());
    }
  }
}
