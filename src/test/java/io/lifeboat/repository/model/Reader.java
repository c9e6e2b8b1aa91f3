package io.lifeboat.repository.model;

import java.util.List;
import java.util.Optional;

/**
 * A restore: chooses a snapshot of the log, fetches its chunks one by one, and reads the log again
 * when one is not where it was.
 *
 * @param actor its place among the actors
 */
record Reader(World world, int actor) implements Actor {
  enum Phase {
    IDLE,
    FETCH,
    MISSED
  }

  private static final Phase[] PHASES = Phase.values();

  /**
   * What it remembers.
   *
   * @param slot of the snapshot
   * @param places where it will look for the chunks that it still has to fetch
   */
  record Memory(Phase phase, int slot, int places) {
    static final int IDLE = 0;

    static Memory of(int local) {
      return new Memory(PHASES[local & 3], local >> 2 & 15, local >> 6);
    }

    int packed() {
      return phase.ordinal() | slot << 2 | places << 6;
    }

    /** The first chunk that it still has to fetch. */
    int chunk() {
      return Places.of(places, 0) == Places.NOWHERE ? 1 : 0;
    }

    int pack() {
      return Places.of(places, chunk());
    }
  }

  @Override
  public void addSteps(State state, List<Step> steps) {
    Memory memory = Memory.of(state.local(actor));
    switch (memory.phase()) {
      case IDLE -> open(state, steps);
      case FETCH -> fetch(state, memory, steps);
      case MISSED -> readLogAgain(state, memory, steps);
    }
  }

  private void open(State state, List<Step> steps) {
    Replay replay = world.replay(state, state.length());
    for (int slot = 0; slot < state.length(); slot++) {
      if (replay.isLive(slot)) {
        int chosen = slot;
        steps.add(
            new Step(
                remember(state, new Memory(Phase.FETCH, slot, replay.places(slot))),
                () -> "reader opens snapshot " + chosen));
      }
    }
  }

  private void fetch(State state, Memory memory, List<Step> steps) {
    int pack = memory.pack();
    if (isThere(state, memory)) {
      int left = Places.with(memory.places(), memory.chunk(), Places.NOWHERE);
      Memory fetched = new Memory(Phase.FETCH, memory.slot(), left);
      steps.add(
          new Step(
              left == Places.NONE ? state.remember(actor, Memory.IDLE) : remember(state, fetched),
              () -> "reader fetches a chunk from pack " + world.packs().name(pack)));
    } else {
      steps.add(
          new Step(
              remember(state, new Memory(Phase.MISSED, memory.slot(), memory.places())),
              () -> "reader does not find its chunk in pack " + world.packs().name(pack)));
    }
  }

  private void readLogAgain(State state, Memory memory, List<Step> steps) {
    Replay replay = world.replay(state, state.length());
    if (!replay.isLive(memory.slot())) {
      steps.add(
          new Step(
              state.remember(actor, Memory.IDLE),
              () -> "reader learns that snapshot " + memory.slot() + " is forgotten"));
      return;
    }
    int places = memory.places();
    for (int chunk = 0; chunk < Places.CHUNKS; chunk++) {
      if (Places.of(places, chunk) != Places.NOWHERE) {
        places = Places.with(places, chunk, Places.of(replay.places(memory.slot()), chunk));
      }
    }
    Memory again = new Memory(Phase.FETCH, memory.slot(), places);
    steps.add(
        new Step(
            remember(state, again),
            () -> "reader reads the log again to the tip " + state.length(),
            again.pack() == memory.pack() || !world.has(Rule.READ_AGAIN)
                ? Optional.of(Invariant.READER_IS_SERVED)
                : Optional.empty()));
  }

  private boolean isThere(State state, Memory memory) {
    return (state.stored() >> memory.pack() & 1) != 0
        && world.packs().holds(state, memory.pack(), memory.chunk());
  }

  private State remember(State state, Memory memory) {
    return state.remember(actor, memory.packed());
  }
}
