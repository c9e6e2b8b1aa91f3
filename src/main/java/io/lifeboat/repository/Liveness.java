package io.lifeboat.repository;

import java.util.BitSet;
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
  private static final int BATCH = 256;

  private final RepositoryContext context;
  private final PackIndexReader reader;
  private final Set<String> seen = new HashSet<>();
  private final Map<PackId, References.Pack> needed = new HashMap<>();
  private final Set<PackId> whole = new HashSet<>();

  Liveness(RepositoryContext context) {
    this.context = context;
    this.reader = new PackIndexReader(context);
  }

  /**
   * Takes in what snapshots need that were not seen yet.
   *
   * @throws io.lifeboat.error.PermanentException if one of their reference lists cannot be read:
   *     then nothing is known to be garbage
   */
  void add(List<LogRecord.Snapshot> snapshots, Relocations relocations) {
    List<LogRecord.Snapshot> fresh =
        snapshots.stream().filter(entry -> seen.add(entry.snapshot())).toList();
    try (ExecutorService readers = StoreThreads.atMost(PARALLEL_READS, "references")) {
      // In batches: the lists of a thousand snapshots need not be in memory at once.
      for (int at = 0; at < fresh.size(); at += BATCH) {
        List<LogRecord.Snapshot> batch =
            fresh.subList(at, Math.min(fresh.size(), at + BATCH));
        List<Future<References>> lists =
            batch.stream().map(entry -> readers.submit(() -> references(entry))).toList();
        for (int i = 0; i < batch.size(); i++) {
          SnapshotPacks.refs(batch.get(i)).forEach(this::whole);
          relocations.apply(Waits.get(lists.get(i))).forEach(this::part);
        }
      }
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
