package io.lifeboat.repository.model;

import java.util.List;

/**
 * Deletes what an entry of the log sweeps, at any time. It stands for each maintainer that is about
 * to delete, however long ago it read the log: what an older reader may delete is a part of what a
 * newer one may, because sweeps are never taken back.
 */
record Deleter(World world) implements Actor {
  @Override
  public void addSteps(State state, List<Step> steps) {
    addDeletions(world, "a maintainer", state, world.replay(state, state.length()).swept(), steps);
  }

  static void addDeletions(World world, String who, State state, int packs, List<Step> steps) {
    for (int pack = 0; packs >> pack != 0; pack++) {
      int doomed = packs & 1 << pack & state.stored();
      if (doomed != 0) {
        steps.add(
            new Step(
                state.delete(doomed), () -> who + " deletes pack " + world.packs().names(doomed)));
      }
    }
  }
}
