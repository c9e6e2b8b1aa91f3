package io.lifeboat.repository.model;

import java.util.EnumSet;
import java.util.Set;

/** What must hold, in each reachable state unless it says otherwise. */
enum Invariant {
  /** Each snapshot that is committed and not forgotten has all its chunks where it is read. */
  RESTORES("a committed snapshot lacks a chunk"),

  /** A reader that misses a pack finds, on reading the log again, why. */
  READER_IS_SERVED("a reader misses a pack of a snapshot that is not forgotten"),

  /** On each step: no entry of the log changes or disappears. */
  LOG_ONLY_GROWS("an entry of the log is replaced"),

  /** The snapshot of each run that was told of its success is in the log. */
  ACKNOWLEDGED_IS_LOGGED("a run was told of its success and its snapshot is not in the log"),

  /**
   * If all that are at work stop for ever and one maintainer condemns, sweeps and deletes alone,
   * every pack left is referenced.
   */
  GARBAGE_IS_BOUNDED("a condemn, a sweep and deletions leave garbage"),

  /** If all that are at work stop for ever, one new run alone commits at its first attempt. */
  LONE_RUN_COMMITS("a run alone does not commit"),

  /**
   * On each step: a run is refused only for packs that were condemned after its start. So a grace
   * period longer than runs take is enough to lose none.
   */
  REFUSED_ONLY_FOR_LATER_CONDEMN("a run is refused for a pack that was condemned before its start");

  private final String breach;

  Invariant(String breach) {
    this.breach = breach;
  }

  /** Nothing is lost: what remains when the invariants about progress and garbage are left out. */
  static Set<Invariant> safety() {
    return EnumSet.of(RESTORES, READER_IS_SERVED, LOG_ONLY_GROWS, ACKNOWLEDGED_IS_LOGGED);
  }

  static Set<Invariant> all() {
    return EnumSet.allOf(Invariant.class);
  }

  /** What is the case when it does not hold. */
  String breach() {
    return breach;
  }
}
