package io.lifeboat.repository.model;

/** For each of the two chunks the pack where a snapshot finds it: four bits each, 15 for none. */
final class Places {
  static final int CHUNKS = 2;
  static final int NOWHERE = 15;
  static final int NONE = 0xFF;

  private Places() {}

  static int of(int places, int chunk) {
    return places >> 4 * chunk & 15;
  }

  static int with(int places, int chunk, int pack) {
    return places & ~(15 << 4 * chunk) | pack << 4 * chunk;
  }

  /** The packs as bits. */
  static int packs(int places) {
    int packs = 0;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      if (of(places, chunk) != NOWHERE) {
        packs |= 1 << of(places, chunk);
      }
    }
    return packs;
  }

  /** {@code places} with each {@code from} replaced by {@code to}. */
  static int moved(int places, int from, int to) {
    int moved = places;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      if (of(places, chunk) == from) {
        moved = with(moved, chunk, to);
      }
    }
    return moved;
  }
}
