package io.lifeboat.repository;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers the packs that one run deals with, old ones and its own, and notes which of their chunks
 * the new snapshot needs. Thread-safe.
 */
final class PackTable {
  private final List<Optional<PackRef>> packs = new ArrayList<>();
  private final Map<PackId, Integer> numbers = new HashMap<>();
  private final Map<Integer, BitSet> needed = new HashMap<>();

  /** The number of a stored pack. */
  synchronized int number(PackRef pack) {
    return numbers.computeIfAbsent(
        pack.id(),
        id -> {
          packs.add(Optional.of(pack));
          return packs.size() - 1;
        });
  }

  /** A number for a pack of this run, whose id is not known yet. */
  synchronized int reserve() {
    packs.add(Optional.empty());
    return packs.size() - 1;
  }

  /** A pack of this run was finished. */
  synchronized void settle(int number, PackRef pack) {
    packs.set(number, Optional.of(pack));
    numbers.put(pack.id(), number);
  }

  synchronized void need(ChunkIndex.Location chunk) {
    needed.computeIfAbsent(chunk.pack(), number -> new BitSet()).set(chunk.ordinal());
  }

  /** What the snapshot needs; called when all packs are settled. */
  synchronized References references() {
    var list = new ArrayList<References.Pack>();
    needed.forEach((number, ordinals) ->
        list.add(new References.Pack(packs.get(number).orElseThrow(), (BitSet) ordinals.clone())));
    return new References(list);
  }
}
