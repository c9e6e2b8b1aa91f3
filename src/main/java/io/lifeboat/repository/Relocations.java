package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where chunks have gone that maintenance copied from packs that were mostly dead. A snapshot that
 * refers to such a chunk at its old place, and was there before the copy, means the copy.
 */
final class Relocations {
  private final Map<PackId, List<Copies>> byOrigin = new HashMap<>();
  private final Map<String, Long> snapshots = new HashMap<>();
  private int count;

  private Relocations() {}

  /**
   * Chunks of one pack in another one.
   *
   * @param entry number of the log entry that says so
   * @param ordinals in the pack they were copied from
   * @param first the ordinal in {@code to} of the first of them
   */
  record Copies(long entry, PackRef to, BitSet ordinals, int first) {
    /** Hears of an ordinal before and after. */
    interface Pair {
      void is(int from, int to);
    }

    void forEach(Pair action) {
      int to = first;
      for (int from = ordinals.nextSetBit(0); from >= 0; from = ordinals.nextSetBit(from + 1)) {
        action.is(from, to++);
      }
    }
  }

  /** Folds a log. */
  static Relocations of(CommitLog.View view) {
    var relocations = new Relocations();
    for (LogEntry entry : view.entries()) {
      switch (entry.body()) {
        case LogRecord.Relocate relocate -> relocations.add(entry.n(), relocate);
        case LogRecord.Snapshot snapshot ->
            relocations.snapshots.putIfAbsent(snapshot.snapshot(), entry.n());
        default -> {
          // no chunk is moved by it
        }
      }
    }
    return relocations;
  }

  private void add(long entry, LogRecord.Relocate relocate) {
    count++;
    PackRef to = PackFates.ref(relocate.to());
    for (LogRecord.Move move : relocate.moves()) {
      var bits = BitSet.valueOf(SealedText.decode(move.ordinals(), "a relocate entry"));
      byOrigin
          .computeIfAbsent(PackFates.id(move.from()), id -> new ArrayList<>())
          .add(new Copies(entry, to, bits, move.first()));
    }
  }

  /** The copies of a pack's chunks, oldest first. */
  private List<Copies> copies(PackRef pack) {
    return byOrigin.getOrDefault(pack.id(), List.of());
  }

  /** How many entries there are. */
  int count() {
    return count;
  }

  /**
   * Where the chunks of a snapshot's reference list lie today; chunks that were copied again are
   * followed. A copy stands in only for what snapshots before it meant: a later one that names the
   * old place was written by somebody who found that there, and the copy may be gone by then.
   */
  List<References.Pack> apply(LogRecord.Snapshot snapshot, References references) {
    long entry = snapshots.getOrDefault(snapshot.snapshot(), Long.MAX_VALUE);
    Map<PackId, References.Pack> today = new LinkedHashMap<>();
    references.packs().forEach(pack -> place(pack.ref(), pack.ordinals(), entry, today));
    return List.copyOf(today.values());
  }

  /** Follows only what was copied later on, so that no entry can lead in a circle. */
  private void place(
      PackRef pack, BitSet ordinals, long after, Map<PackId, References.Pack> today) {
    List<Copies> all = copies(pack);
    BitSet rest = all.isEmpty() ? ordinals : (BitSet) ordinals.clone();
    for (Copies copies : all) {
      if (copies.entry() <= after) {
        continue;
      }
      var moved = new BitSet();
      copies.forEach((from, to) -> {
        if (rest.get(from)) {
          rest.clear(from);
          moved.set(to);
        }
      });
      if (!moved.isEmpty()) {
        place(copies.to(), moved, copies.entry(), today);
      }
    }
    if (!rest.isEmpty()) {
      today
          .computeIfAbsent(pack.id(), id -> new References.Pack(pack, new BitSet()))
          .ordinals()
          .or(rest);
    }
  }
}
