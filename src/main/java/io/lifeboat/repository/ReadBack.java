package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.store.ObjectInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Looks, right after a backup, whether the store has it: the entry of the log as every reader sees
 * it, the bytes of what the run wrote, and the presence of all else that the snapshot needs. For
 * one run.
 */
public final class ReadBack {
  /** Each has a pack in memory, so no more than it takes to ask for one while another is hashed. */
  private static final int READERS = 2;

  private final RepositoryContext context;
  private final SoundEntries sound;
  private final Committed committed;
  private final List<PackRef> own;
  private final List<IndexSegments.Written> segments;
  private final Map<String, StoreProof.Problem> problems = new TreeMap<>();
  private final Set<PackRef> gone = ConcurrentHashMap.newKeySet();
  private final AtomicLong packs = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private long older;

  /**
   * A look at what one run has committed.
   *
   * @param sound what the run knows of the log
   * @param own packs that it wrote, newest first
   * @param segments that it wrote
   */
  ReadBack(
      RepositoryContext context,
      SoundEntries sound,
      Committed committed,
      List<PackRef> own,
      List<IndexSegments.Written> segments) {
    this.context = context;
    this.sound = sound;
    this.committed = committed;
    this.own = own;
    this.segments = segments;
  }

  /**
   * A snapshot that is in the log.
   *
   * @param number of its entry
   */
  record Committed(long number, LogRecord.Snapshot entry, References needed) {}

  /**
   * Looks. Of what the run wrote, the newest is read first; the rest is only looked for.
   *
   * @param mostBytes how many bytes may be read back; 0 for none
   * @throws LifeboatException the store's, if it does not answer; that says nothing of the backup
   */
  public StoreProof run(long mostBytes, Progress progress) {
    Instant started = context.clock().instant();
    progress.phase("verify");
    CommitLog.View view = context.log().read(sound);
    checkEntry(view);
    Choice choice = choose(mostBytes);
    progress.expect(choice.toRead().stream().mapToLong(ObjectInfo::sizeBytes).sum());
    new BoundedWork(READERS)
        .each(
            choice.toRead(),
            "read-back",
            object -> {
              progress.checkCancelled();
              read(object);
              progress.advance(object.sizeBytes(), 1);
            });
    checkPresent(new CurrentLog(view, () -> context.log().read(sound)));
    return new StoreProof(
        choice.isAll() ? Verification.Depth.L1 : Verification.Depth.L0,
        packs.get(),
        bytes.get(),
        choice.leftPacks(),
        choice.leftBytes(),
        older,
        List.copyOf(problems.values()),
        Duration.between(started, context.clock().instant()));
  }

  private void checkEntry(CommitLog.View view) {
    if (view.all(LogRecord.Snapshot.class).anyMatch(committed.entry()::equals)) {
      return;
    }
    String name = Names.log(committed.number());
    view.refused().stream()
        .filter(refused -> refused.n() == committed.number())
        .findFirst()
        .ifPresentOrElse(
            refused -> problem(name, ErrorCode.OBJECT_DAMAGED, refused.why()),
            () ->
                problem(
                    name,
                    ErrorCode.OBJECT_MISSING,
                    "the store took this entry, and the log does not have it"));
  }

  /**
   * What is read back.
   *
   * @param leftPacks how many packs are not
   * @param leftBytes how many bytes these and segments have that are not
   */
  private record Choice(List<ObjectInfo> toRead, long leftPacks, long leftBytes, boolean isAll) {}

  /** From the newest back to the first that is too much; segments, which only save work, last. */
  private Choice choose(long mostBytes) {
    List<ObjectInfo> toRead = new ArrayList<>();
    long rest = mostBytes;
    int chosen = 0;
    for (PackRef pack : own) {
      if (pack.sizeBytes() > rest) {
        break;
      }
      rest -= pack.sizeBytes();
      chosen++;
      toRead.add(new ObjectInfo(pack.objectName(), pack.sizeBytes(), Instant.EPOCH));
    }
    List<PackRef> left = own.subList(chosen, own.size());
    long leftBytes = left.stream().mapToLong(PackRef::sizeBytes).sum();
    boolean all = left.isEmpty();
    for (IndexSegments.Written segment : segments) {
      if (left.isEmpty() && segment.sizeBytes() <= rest) {
        rest -= segment.sizeBytes();
        toRead.add(new ObjectInfo(segment.object(), segment.sizeBytes(), Instant.EPOCH));
      } else {
        leftBytes += segment.sizeBytes();
        all = false;
      }
    }
    return new Choice(toRead, left.size(), leftBytes, all);
  }

  private void read(ObjectInfo object) {
    String name = object.name();
    Optional<PackRef> pack = PackRef.of(object);
    byte[] all;
    try {
      all = context.store().get(name, ObjectLimits.of(object));
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      if (e.code() == ErrorCode.OBJECT_MISSING && pack.isPresent()) {
        // Whether it is needed is looked up when all are read: somebody may prune.
        gone.add(pack.get());
      } else {
        problem(name, e.code(), String.valueOf(e.getMessage()));
      }
      return;
    }
    bytes.addAndGet(all.length);
    pack.ifPresent(ref -> packs.incrementAndGet());
    Verification.changed(name, all, Verification.hashInName(name))
        .ifPresent(changed -> problem(name, ErrorCode.OBJECT_DAMAGED, changed));
  }

  /**
   * Looks whether all is there that the snapshot needs. What is not may have been moved by a prune
   * since the log was read, so the log is read again before it is called missing.
   */
  private void checkPresent(CurrentLog log) {
    while (true) {
      CurrentLog.State state = log.now();
      Listed listed = list(needed(state));
      if (log.without(listed.missing()).equals(state)) {
        listed
            .missing()
            .forEach(pack ->
                problem(
                    pack.objectName(),
                    ErrorCode.OBJECT_MISSING,
                    "the snapshot needs it, and it is missing"));
        listed
            .wrong()
            .forEach((pack, size) ->
                problem(
                    pack.objectName(),
                    ErrorCode.OBJECT_DAMAGED,
                    "it has " + size + " bytes instead of " + pack.sizeBytes()));
        older = listed.older();
        return;
      }
    }
  }

  /** In the order of their names; nothing if the snapshot was forgotten meanwhile. */
  private List<PackRef> needed(CurrentLog.State state) {
    if (!state.fates().isLive(committed.entry())) {
      return List.of();
    }
    return Stream.concat(
            state.relocations().apply(committed.entry(), committed.needed()).stream()
                .map(References.Pack::ref),
            SnapshotPacks.refs(committed.entry()).stream())
        .distinct()
        .sorted(PackRef.BY_NAME)
        .toList();
  }

  /**
   * What a listing shows of needed packs.
   *
   * @param wrong those that have another size, and that
   * @param older how many are right that are not the run's own
   */
  private record Listed(List<PackRef> missing, Map<PackRef, Long> wrong, long older) {}

  /** Goes through one listing and the needed packs side by side: both are in the order of names. */
  private Listed list(List<PackRef> needed) {
    Set<PackRef> ours = new HashSet<>(own);
    List<PackRef> missing = new ArrayList<>();
    Map<PackRef, Long> wrong = new TreeMap<>(PackRef.BY_NAME);
    long right = 0;
    try (Stream<ObjectInfo> listed = context.store().list(Names.PACKS)) {
      Iterator<ObjectInfo> objects = listed.iterator();
      Optional<ObjectInfo> object = next(objects);
      for (PackRef pack : needed) {
        String name = pack.objectName();
        while (object.filter(other -> other.name().compareTo(name) < 0).isPresent()) {
          object = next(objects);
        }
        Optional<ObjectInfo> found = object.filter(other -> other.name().equals(name));
        if (found.isEmpty() || gone.contains(pack)) {
          missing.add(pack);
        } else if (found.get().sizeBytes() != pack.sizeBytes()) {
          wrong.put(pack, found.get().sizeBytes());
        } else if (!ours.contains(pack)) {
          right++;
        }
      }
    }
    return new Listed(missing, wrong, right);
  }

  private static Optional<ObjectInfo> next(Iterator<ObjectInfo> objects) {
    return objects.hasNext() ? Optional.of(objects.next()) : Optional.empty();
  }

  private synchronized void problem(String name, ErrorCode code, String what) {
    String sentence = what.contains(name) ? what : name + ": " + what;
    problems.putIfAbsent(name, new StoreProof.Problem(code, sentence));
  }
}
