package io.lifeboat.repository.model;

import java.util.List;

/** Lets requests take effect whose clients have given up waiting. */
record Network(World world) implements Actor {
  @Override
  public void addSteps(State state, List<Step> steps) {
    for (int pack = 0; state.latePacks() >> pack != 0; pack++) {
      int late = state.latePacks() & 1 << pack;
      if (late != 0) {
        steps.add(
            new Step(
                state.arrivePacks(late),
                () -> "network: the put of pack " + world.packs().names(late) + " takes effect"));
      }
    }
    if (state.lateIndex() != 0) {
      steps.add(
          new Step(
              state.arriveIndex(state.lateIndex()),
              () ->
                  "network: the put of the segment of "
                      + world.packs().names(state.lateIndex())
                      + " takes effect"));
    }
    if (state.lateEntry() != Entry.NONE) {
      steps.add(
          new Step(
              state.arriveEntry(),
              () ->
                  "network: the put of entry "
                      + state.lateSlot()
                      + " takes effect: "
                      + world.packs().describe(state.lateEntry())));
    }
  }
}
