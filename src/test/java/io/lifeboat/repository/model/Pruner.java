package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A maintainer. It forgets, condemns, sweeps and repacks, each on its own: any of them may take up
 * where another one stopped. Deletions are those of {@link Deleter}.
 *
 * @param actor its place among the actors
 */
record Pruner(World world, int actor) implements Actor {
  enum Phase {
    IDLE,
    FORGET,
    CONDEMN,
    SWEEP,
    RELOCATE
  }

  private static final Phase[] PHASES = Phase.values();

  /**
   * What it remembers.
   *
   * @param view how many entries it has read
   * @param subject the slot to forget, the packs to condemn or sweep, or the old and the new pack
   */
  record Memory(Phase phase, int view, int subject) {
    static final int IDLE = 0;

    static Memory of(int local) {
      return new Memory(PHASES[local & 7], local >> 3 & 15, local >> 7);
    }

    int packed() {
      return phase.ordinal() | view << 3 | subject << 7;
    }

    int from() {
      return subject & 15;
    }

    int to() {
      return subject >> 4;
    }
  }

  @Override
  public void addSteps(State state, List<Step> steps) {
    Memory memory = Memory.of(state.local(actor));
    switch (memory.phase()) {
      case IDLE -> begin(state, steps);
      case FORGET, CONDEMN -> append(state, memory, steps);
      case SWEEP -> sweep(state, memory, steps);
      case RELOCATE -> relocate(state, memory, steps);
    }
    if (memory.phase() != Phase.IDLE) {
      steps.add(new Step(idle(state), () -> name() + " stops or crashes"));
    }
  }

  private void begin(State state, List<Step> steps) {
    int tip = state.length();
    Replay replay = world.replay(state, tip);
    int unreferenced = unreferenced(state, replay);
    if (unreferenced != 0) {
      steps.add(
          new Step(
              at(state, Phase.CONDEMN, unreferenced),
              () ->
                  name()
                      + " reads the log to the tip "
                      + tip
                      + ", lists packs, will condemn "
                      + world.packs().names(unreferenced)));
    }
    int due = due(replay);
    if (due != 0) {
      steps.add(
          new Step(
              at(state, Phase.SWEEP, due),
              () ->
                  name()
                      + " reads the log to the tip "
                      + tip
                      + ", will sweep "
                      + world.packs().names(due)));
    }
    for (int slot = 0; slot < replay.newest(); slot++) {
      if (replay.isLive(slot)) {
        int chosen = slot;
        steps.add(
            new Step(
                at(state, Phase.FORGET, chosen),
                () ->
                    name()
                        + " reads the log to the tip "
                        + tip
                        + ", will forget snapshot "
                        + chosen));
      }
    }
    beginRepack(state, replay, steps);
  }

  /** Condemned packs need not be condemned again, and swept ones may be deleted at once. */
  private int unreferenced(State state, Replay replay) {
    int considered = world.has(Rule.CONDEMN_ALL_LISTED) ? state.stored() : replay.everReferenced();
    return considered & state.stored() & ~replay.live() & ~replay.condemned() & ~replay.swept();
  }

  /** What was condemned, not swept, and is referenced by nobody. */
  private int due(Replay replay) {
    int takenBack = world.has(Rule.TAKE_BACK) ? replay.live() : 0;
    return replay.condemned() & ~replay.swept() & ~takenBack;
  }

  private void beginRepack(State state, Replay replay, List<Step> steps) {
    if (state.repacks() == world.setup().repacks()) {
      return;
    }
    for (int pack = 0; state.stored() >> pack != 0; pack++) {
      int live = replay.liveChunks(pack);
      if ((state.stored() >> pack & 1) == 0
          || live == 0
          || live == world.packs().chunks(state, pack)) {
        continue;
      }
      int from = pack;
      int to = world.packs().repacked(state.repacks());
      State copied = at(state.repack(live), Phase.RELOCATE, from | to << 4);
      String what =
          " copies chunk "
              + Packs.chunkNames(live)
              + " of "
              + world.packs().name(from)
              + " into pack "
              + world.packs().name(to);
      steps.add(new Step(copied.store(1 << to), () -> name() + what));
      if (world.mayTimeOut(state)) {
        steps.add(
            new Step(
                copied.delayPacks(1 << to).store(1 << to),
                () -> name() + what + ", and the first request is still under way"));
      }
    }
  }

  private void sweep(State state, Memory memory, List<Step> steps) {
    append(state, memory, steps);
    if (!world.has(Rule.SWEEP_BEFORE_DELETE)) {
      Deleter.addDeletions(world, name(), state, memory.subject(), steps);
    }
  }

  private void relocate(State state, Memory memory, List<Step> steps) {
    Replay replay = world.replay(state, memory.view());
    int uncovered = replay.liveChunks(memory.from()) & ~world.packs().chunks(state, memory.to());
    boolean swept = (replay.swept() >> memory.to() & 1) != 0;
    if (world.has(Rule.RELOCATE_COVERS) && uncovered != 0
        || world.has(Rule.RELOCATE_GUARD) && swept) {
      steps.add(new Step(idle(state), () -> name() + " gives up its relocation"));
      return;
    }
    append(state, memory, steps);
  }

  private static int entry(Memory memory) {
    return switch (memory.phase()) {
      case IDLE -> Entry.NONE;
      case FORGET -> Entry.forget(memory.subject());
      case CONDEMN -> Entry.condemn(memory.subject());
      case SWEEP -> Entry.sweep(memory.subject());
      case RELOCATE -> Entry.relocate(memory.from(), memory.to());
    };
  }

  private void append(State state, Memory memory, List<Step> steps) {
    new Append(
            world, name(), memory.view(), entry(memory), this::idle, after -> readOn(after, memory))
        .addSteps(state, steps);
  }

  /** After a lost race. */
  private State readOn(State state, Memory memory) {
    return startsOver(memory) ? idle(state) : at(state, memory.phase(), memory.subject());
  }

  /** To decide again by the longer log is to begin again. */
  private boolean startsOver(Memory memory) {
    return memory.phase() == Phase.FORGET
        || memory.phase() == Phase.SWEEP && world.has(Rule.SWEEP_AT_TIP);
  }

  /** It will find its slot taken; until then it does not matter which slot that is. */
  @Override
  public State settled(State state) {
    Memory memory = Memory.of(state.local(actor));
    boolean lost =
        memory.phase() != Phase.IDLE
            && memory.view() < state.length()
            && state.entry(memory.view()) != entry(memory);
    if (!lost || !world.has(Rule.CONDITIONAL_PUT) || !world.has(Rule.SWEEP_BEFORE_DELETE)) {
      return state;
    }
    return startsOver(memory)
        ? idle(state)
        : state.remember(actor, new Memory(memory.phase(), 0, memory.subject()).packed());
  }

  private State at(State state, Phase phase, int subject) {
    return state.remember(actor, new Memory(phase, state.length(), subject).packed());
  }

  private State idle(State state) {
    return state.remember(actor, Memory.IDLE);
  }

  private String name() {
    return "pruner " + actor;
  }

  /** The state after it condemned, swept and deleted once with nobody disturbing. */
  State roundAlone(State shared) {
    State state = idle(shared);
    int unreferenced = unreferenced(state, world.replay(state, state.length()));
    if (unreferenced != 0) {
      state = untilIdle(at(state, Phase.CONDEMN, unreferenced));
    }
    int due = due(world.replay(state, state.length()));
    if (due != 0) {
      state = untilIdle(at(state, Phase.SWEEP, due));
    }
    return state.delete(world.replay(state, state.length()).swept());
  }

  private State untilIdle(State busy) {
    State state = busy;
    while (state.local(actor) != Memory.IDLE) {
      List<Step> steps = new ArrayList<>();
      addSteps(state, steps);
      state = steps.getFirst().next();
    }
    return state;
  }
}
