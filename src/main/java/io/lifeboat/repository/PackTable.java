package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers the packs that one run deals with, first those of the {@link LocalIndex} and then its
 * own, and notes which of their chunks the new snapshot needs. Thread-safe.
 */
final class PackTable {
  private final LocalIndex earlier;
  private final List<Optional<PackRef>> own = new ArrayList<>();
  private final Map<Integer, BitSet> needed = new HashMap<>();

  PackTable(LocalIndex earlier) {
    this.earlier = earlier;
  }

  /** A number for a pack of this run, whose id is not known yet. */
  synchronized int reserve() {
    own.add(Optional.empty());
    return earlier.packs() + own.size() - 1;
  }

  /** A pack of this run was finished. */
  synchronized void settle(int number, PackRef pack) {
    own.set(number - earlier.packs(), Optional.of(pack));
  }

  synchronized void need(ChunkIndex.Location chunk) {
    needed.computeIfAbsent(chunk.pack(), number -> new BitSet()).set(chunk.ordinal());
  }

  /** The packs of this run, in the order in which they were begun; called when all are settled. */
  synchronized List<PackRef> own() {
    return own.stream().flatMap(Optional::stream).toList();
  }

  /** What the snapshot needs; called when all packs are settled. */
  synchronized References references() {
    var list = new ArrayList<References.Pack>();
    needed.forEach((number, ordinals) ->
        list.add(new References.Pack(pack(number), (BitSet) ordinals.clone())));
    return new References(list);
  }

  private PackRef pack(int number) {
    return number < earlier.packs()
        ? earlier.pack(number)
        : own.get(number - earlier.packs()).orElseThrow();
  }
}
