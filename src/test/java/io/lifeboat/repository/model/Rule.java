package io.lifeboat.repository.model;

/** One rule of the protocol. Tests take one away and look what breaks. */
enum Rule {
  /** A put of a name that exists changes nothing and says so. */
  CONDITIONAL_PUT("puts are conditional"),

  /** Who had no answer to a put looks what is there. */
  LOOK_AFTER_TIMEOUT("no answer is not taken for success"),

  /** Storing a chunk again yields another pack id, because each pack has a salt of its own. */
  FRESH_SALTS("each upload has a fresh salt, hence a fresh pack id"),

  /** A writer's append is refused while an entry before its slot sweeps a pack that it needs. */
  APPEND_GUARD("a snapshot that needs a swept pack is not appended"),

  /**
   * The guard minds every sweep in the log, not only those that came after the run had started.
   * With fresh salts nothing hangs on it.
   */
  GUARD_MINDS_OLD_SWEEPS("the guard minds sweeps from before the run's start too"),

  /** A run does not reuse packs that a {@code condemn} entry named before its start. */
  HEED_CONDEMN("a run treats packs condemned before its start as absent"),

  /** A run does not reuse packs that a {@code sweep} entry named before its start. */
  HEED_SWEEP("a run treats packs swept before its start as absent"),

  /**
   * A condemn entry names every unreferenced pack in the store, also of runs that never committed.
   */
  CONDEMN_ALL_LISTED("packs that never were referenced are condemned too"),

  /** A run does not reuse packs that a {@code relocate} entry redirected before its start. */
  HEED_RELOCATE("a run treats packs relocated before its start as absent"),

  /** A sweep decides by the log up to the slot before its own, again after each lost race. */
  SWEEP_AT_TIP("a sweep is recomputed after a lost race for its slot"),

  /** A sweep leaves out condemned packs that a snapshot references. */
  TAKE_BACK("a sweep takes back what is referenced"),

  /** Packs are deleted only when an entry of the log sweeps them. */
  SWEEP_BEFORE_DELETE("nothing is deleted before the sweep entry is durable"),

  /** A {@code relocate} entry is not appended after a sweep of the new pack. */
  RELOCATE_GUARD("a relocation to a swept pack is not appended"),

  /**
   * A {@code relocate} entry is appended only if the new pack holds every chunk of the old one that
   * snapshots before its slot reference.
   */
  RELOCATE_COVERS("a relocation is checked again after a lost race for its slot"),

  /**
   * A {@code relocate} entry changes where earlier snapshots are read, not where later ones are.
   */
  REDIRECT_EARLIER_ONLY("a relocation redirects only snapshots before it"),

  /** A reader that misses a pack reads the log again. */
  READ_AGAIN("a reader that misses a pack reads the log again");

  private final String sentence;

  Rule(String sentence) {
    this.sentence = sentence;
  }

  @Override
  public String toString() {
    return sentence;
  }
}
