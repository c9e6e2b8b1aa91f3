package io.lifeboat.repository.model;

/**
 * An entry of the log in one number: {@code kind 3 | writer 2 | run 2 | payload 16} from the lowest
 * bit on. Zero is no entry. Maintainers' entries have no author: two of them that want the same
 * entry in the same slot may both believe that it is theirs, which is as good.
 */
final class Entry {
  static final int NONE = 0;

  enum Kind {
    NOTHING,
    SNAPSHOT,
    FORGET,
    CONDEMN,
    SWEEP,
    RELOCATE
  }

  private static final Kind[] KINDS = Kind.values();

  private Entry() {}

  /**
   * @param places where it finds its chunks, see {@link Places}
   */
  static int snapshot(int writer, int run, int places) {
    return of(Kind.SNAPSHOT, places) | writer << 3 | run << 5;
  }

  static int forget(int slot) {
    return of(Kind.FORGET, slot);
  }

  static int condemn(int packs) {
    return of(Kind.CONDEMN, packs);
  }

  static int sweep(int packs) {
    return of(Kind.SWEEP, packs);
  }

  static int relocate(int from, int to) {
    return of(Kind.RELOCATE, from | to << 4);
  }

  private static int of(Kind kind, int payload) {
    return kind.ordinal() | payload << 7;
  }

  static Kind kind(int entry) {
    return KINDS[entry & 7];
  }

  static int writer(int entry) {
    return entry >> 3 & 3;
  }

  static int run(int entry) {
    return entry >> 5 & 3;
  }

  /** Packs as bits, places, or a slot. */
  static int payload(int entry) {
    return entry >> 7;
  }

  static int from(int relocate) {
    return payload(relocate) & 15;
  }

  static int to(int relocate) {
    return payload(relocate) >> 4;
  }
}
