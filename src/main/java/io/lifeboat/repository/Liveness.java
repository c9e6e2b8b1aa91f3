package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Which chunks of which packs are needed: folded from reference lists, which a maintenance identity
 * opens; no tree is walked and no content opened. Grows with each log it is shown: what was needed
 * once by a snapshot it has seen stays needed, which is the safe side. Not thread-safe.
 */
final class Liveness {
  private static final int PARALLEL_READS = 16;

  /**
   * How long lists together may be that are read ahead: in memory each takes ten times its bytes,
   * and the lists of a thousand snapshots need not be there at once.
   */
  private static final long AHEAD_BYTES = Runtime.getRuntime().maxMemory() / 64;

  private final RepositoryContext context;
  private final PackIndexReader reader;
  private final Set<String> seen = new HashSet<>();
  private final Map<PackId, References.Pack> needed = new HashMap<>();
  private final Set<PackId> whole = new HashSet<>();
  private int relocationsSeen;

  Liveness(RepositoryContext context) {
    this(context, new PackIndexReader(context));
  }

  /** With a reader that others use, too: it opens the envelope of each session once. */
  Liveness(RepositoryContext context, PackIndexReader reader) {
    this.context = context;
    this.reader = reader;
  }

  /**
   * Takes in what snapshots need that were not seen yet.
   *
   * @param snapshots all that are live, in every call
   * @throws io.lifeboat.error.PermanentException if one of their reference lists cannot be read:
   *     then nothing is known to be garbage
   */
  void add(List<LogRecord.Snapshot> snapshots, Relocations relocations) {
    add(
        snapshots,
        relocations,
        (entry, failure) -> {
          throw failure;
        });
  }

  /** Hears of a snapshot whose reference list cannot be read. */
  interface Unreadable {
    void is(LogRecord.Snapshot entry, LifeboatException failure);
  }

  /** The same, where somebody else decides what it means if a list cannot be read. */
  void add(List<LogRecord.Snapshot> snapshots, Relocations relocations, Unreadable unreadable) {
    if (relocations.count() != relocationsSeen) {
      // Chunks have moved: where they are needed now has to be found anew.
      seen.clear();
      needed.clear();
      whole.clear();
      relocationsSeen = relocations.count();
    }
    Deque<Reading> ahead = new ArrayDeque<>();
    long aheadBytes = 0;
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "references")) {
      for (LogRecord.Snapshot entry : snapshots) {
        if (!seen.add(entry.snapshot())) {
          continue;
        }
        long bytes = bytes(entry);
        while (!ahead.isEmpty() && aheadBytes + bytes > AHEAD_BYTES) {
          aheadBytes -= bytes(ahead.getFirst().entry());
          take(ahead.removeFirst(), relocations, unreadable);
        }
        aheadBytes += bytes;
        ahead.addLast(new Reading(entry, readers.submit(() -> references(entry))));
      }
      while (!ahead.isEmpty()) {
        take(ahead.removeFirst(), relocations, unreadable);
      }
    }
  }

  /** A list that is being read. */
  private record Reading(LogRecord.Snapshot entry, Future<References> list) {}

  private static long bytes(LogRecord.Snapshot entry) {
    return entry.packs().stream().mapToLong(LogRecord.Snapshot.StoredPack::sizeBytes).sum();
  }

  private void take(Reading reading, Relocations relocations, Unreadable unreadable) {
    try {
      References list = Waits.get(reading.list());
      SnapshotPacks.refs(reading.entry()).forEach(this::whole);
      relocations.apply(reading.entry(), list).forEach(this::part);
    } catch (LifeboatException e) {
      unreadable.is(reading.entry(), e);
    }
  }

  private References references(LogRecord.Snapshot entry) {
    return SnapshotPacks.references(SnapshotPacks.last(context, reader, entry), entry);
  }

  /** Packs that hold a root and a reference list are needed as they are. */
  private void whole(PackRef pack) {
    whole.add(pack.id());
    needed.computeIfAbsent(pack.id(), id -> new References.Pack(pack, new BitSet()));
  }

  private void part(References.Pack pack) {
    needed
        .computeIfAbsent(pack.ref().id(), id -> new References.Pack(pack.ref(), new BitSet()))
        .ordinals()
        .or(pack.ordinals());
  }

  boolean needs(PackId pack) {
    return needed.containsKey(pack);
  }

  /** Whether a pack is needed as it is, whatever is needed of its chunks. */
  boolean needsWhole(PackId pack) {
    return whole.contains(pack);
  }

  /** The chunks that are needed of a pack. */
  BitSet of(PackId pack) {
    References.Pack found = needed.get(pack);
    return found == null ? new BitSet() : (BitSet) found.ordinals().clone();
  }

  /** All packs of which something is needed. */
  List<PackRef> packs() {
    return needed.values().stream().map(References.Pack::ref).toList();
  }
}
