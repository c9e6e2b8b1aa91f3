package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.restore.RestoreTarget;

/** What a negative control does to a restored copy before anything looks at it; usually nothing. */
interface Sabotage {
  /** Leaves everything as it is. */
  Sabotage NONE = new Sabotage() {};

  /** Stands between a restore and its target. */
  default RestoreTarget target(RestoreTarget target) {
    return target;
  }

  /**
   * Lays hands on a copy that has just booted.
   *
   * @throws io.lifeboat.error.LifeboatException if there is nothing in it to damage
   */
  default void booted(PostgresScratch scratch, ClusterFacts facts) {}

  /** What makes this damage. */
  static Sabotage of(Damage damage) {
    return switch (damage) {
      case TRUNCATED_OBJECT, FLIPPED_BIT, WRONG_KEY, STALE -> NONE;
      case WRONG_MAJOR, MISSING_FILE, EMPTY_FILE, EXTRA_FILE ->
          new Sabotage() {
            @Override
            public RestoreTarget target(RestoreTarget target) {
              return new DamagedTarget(target, damage);
            }
          };
      case MISSING_TABLE, EMPTY_TABLE, EXTRA_ROW ->
          new Sabotage() {
            @Override
            public void booted(PostgresScratch scratch, ClusterFacts facts) {
              new TableDamage(scratch, facts.truth()).make(damage);
            }
          };
    };
  }
}
