package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where chunks have gone that maintenance copied from packs that were mostly dead. A snapshot that
 * refers to such a chunk at its old place means the copy.
 */
final class Relocations {
  private final Map<PackId, List<Copies>> byOrigin = new HashMap<>();

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
      if (entry.body() instanceof LogRecord.Relocate relocate) {
        relocations.add(entry.n(), relocate);
      }
    }
    return relocations;
  }

  private void add(long entry, LogRecord.Relocate relocate) {
    PackRef to = PackFates.ref(relocate.to());
    for (LogRecord.Move move : relocate.moves()) {
      var bits = BitSet.valueOf(SealedText.decode(move.ordinals(), "a relocate entry"));
      byOrigin
          .computeIfAbsent(PackFates.id(move.from()), id -> new ArrayList<>())
          .add(new Copies(entry, to, bits, move.first()));
    }
  }

  /** The copies of a pack's chunks, oldest first. */
  List<Copies> copies(PackRef pack) {
    return byOrigin.getOrDefault(pack.id(), List.of());
  }

  /** Where a chunk is. */
  record Place(PackRef pack, int ordinal) {}

  /** Where a chunk of a pack lies today. */
  Place find(PackRef pack, int ordinal) {
    var only = new BitSet();
    only.set(ordinal);
    Map<PackId, References.Pack> today = new LinkedHashMap<>();
    place(pack, only, -1, today);
    References.Pack found = today.values().iterator().next();
    return new Place(found.ref(), found.ordinals().nextSetBit(0));
  }

  /** Where the chunks of a reference list lie today; chunks that were copied again are followed. */
  List<References.Pack> apply(References references) {
    Map<PackId, References.Pack> today = new LinkedHashMap<>();
    references.packs().forEach(pack -> place(pack.ref(), pack.ordinals(), -1, today));
    return List.copyOf(today.values());
  }

  /** Follows only what was copied later on, so that no entry can lead in a circle. */
  private void place(
      PackRef pack, BitSet ordinals, long after, Map<PackId, References.Pack> today) {
    var rest = (BitSet) ordinals.clone();
    for (Copies copies : copies(pack)) {
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
