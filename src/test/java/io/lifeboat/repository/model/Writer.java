package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A backup node. A run reads the log, reads the index, stores what it does not find there, stores
 * an index segment and appends its snapshot.
 *
 * @param actor its place among the actors
 * @param number its number in entries and ids
 * @param node what it backs up, and how often
 */
record Writer(World world, int actor, int number, Setup.Node node) implements Actor {
  enum Phase {
    IDLE,
    READ_INDEX,
    STORE_PACKS,
    STORE_SEGMENT,
    APPEND
  }

  private static final Phase[] PHASES = Phase.values();

  /**
   * What it remembers.
   *
   * @param run number of the run, or of the next one while idle
   * @param start how many entries it had read when the run started; zero where no rule needs it
   * @param view how many it has read by now
   * @param missing chunks that it still has to store, as bits
   * @param warned whether it needs a pack that was condemned before its start
   * @param places where its snapshot finds its chunks
   */
  record Memory(
      Phase phase, int run, int start, int view, int missing, boolean warned, int places) {
    static Memory of(int local) {
      return new Memory(
          PHASES[local & 7],
          local >> 3 & 3,
          local >> 5 & 15,
          local >> 9 & 15,
          local >> 13 & 3,
          (local >> 15 & 1) != 0,
          local >> 16 & 0xFF);
    }

    static Memory idle(int nextRun) {
      return new Memory(Phase.IDLE, nextRun, 0, 0, 0, false, 0);
    }

    int packed() {
      return phase.ordinal()
          | run << 3
          | start << 5
          | view << 9
          | missing << 13
          | (warned ? 1 << 15 : 0)
          | places << 16;
    }

    Memory at(Phase next) {
      return new Memory(next, run, start, view, missing, warned, places);
    }

    Memory having(int stillMissing, int newPlaces) {
      return new Memory(phase, run, start, view, stillMissing, warned, newPlaces);
    }

    Memory seeing(int entries) {
      return new Memory(phase, run, start, entries, missing, warned, places);
    }

    Memory choosing(boolean condemnedBefore) {
      Phase next = missing == 0 ? Phase.APPEND : Phase.STORE_PACKS;
      return new Memory(next, run, start, view, missing, condemnedBefore, places);
    }
  }

  @Override
  public void addSteps(State state, List<Step> steps) {
    Memory memory = Memory.of(state.local(actor));
    switch (memory.phase()) {
      case IDLE -> start(state, memory, steps);
      case READ_INDEX -> choosePlaces(state, memory.having(0, Places.NONE), 0, steps);
      case STORE_PACKS -> storePack(state, memory, steps);
      case STORE_SEGMENT -> storeSegment(state, memory, steps);
      case APPEND -> append(state, memory, steps);
    }
    // A run that ends without another to come is the same as one that pauses for ever.
    if (memory.phase() != Phase.IDLE && memory.run() + 1 < node.runs()) {
      steps.add(new Step(end(state, memory), () -> name(memory) + " crashes"));
    }
  }

  private void start(State state, Memory memory, List<Step> steps) {
    if (memory.run() < node.runs()) {
      int tip = state.length();
      int start = world.has(Rule.GUARD_MINDS_OLD_SWEEPS) ? 0 : tip;
      Memory started = new Memory(Phase.READ_INDEX, memory.run(), start, tip, 0, false, 0);
      steps.add(
          new Step(
              state.remember(actor, started.packed()),
              () -> name(memory) + " starts and reads the log to the tip " + tip));
    }
  }

  /** Each pack that the index offers for a chunk is a possibility; a new one only without any. */
  private void choosePlaces(State state, Memory memory, int chunk, List<Step> steps) {
    if (chunk == Places.CHUNKS) {
      int condemned = world.replay(state, memory.view()).condemned();
      Memory chosen = memory.choosing((Places.packs(memory.places()) & condemned) != 0);
      steps.add(
          new Step(
              state.remember(actor, chosen.packed()),
              () ->
                  name(memory)
                      + " reads the index and chooses "
                      + world.packs().names(Places.packs(chosen.places()))));
      return;
    }
    if ((node.chunks() >> chunk & 1) == 0) {
      choosePlaces(state, memory, chunk + 1, steps);
      return;
    }
    int offered = state.indexed() & ~absent(state, memory.view());
    boolean found = false;
    for (int pack = 0; offered >> pack != 0; pack++) {
      if ((offered >> pack & 1) != 0 && world.packs().holds(state, pack, chunk)) {
        found = true;
        int places = Places.with(memory.places(), chunk, pack);
        choosePlaces(state, memory.having(memory.missing(), places), chunk + 1, steps);
      }
    }
    if (!found) {
      int fresh = world.packs().madeBy(number, memory.run(), chunk);
      int places = Places.with(memory.places(), chunk, fresh);
      choosePlaces(state, memory.having(memory.missing() | 1 << chunk, places), chunk + 1, steps);
    }
  }

  private int absent(State state, int view) {
    Replay replay = world.replay(state, view);
    int absent = world.has(Rule.HEED_RELOCATE) ? replay.relocated() : 0;
    if (world.has(Rule.HEED_CONDEMN)) {
      absent |= replay.condemned();
    }
    if (world.has(Rule.HEED_SWEEP)) {
      absent |= replay.swept();
    }
    return absent;
  }

  private void storePack(State state, Memory memory, List<Step> steps) {
    int chunk = Integer.numberOfTrailingZeros(memory.missing());
    int pack = 1 << Places.of(memory.places(), chunk);
    int still = memory.missing() & ~(1 << chunk);
    Memory stored =
        memory
            .having(still, memory.places())
            .at(still == 0 ? Phase.STORE_SEGMENT : Phase.STORE_PACKS);
    steps.add(
        new Step(
            state.store(pack).remember(actor, stored.packed()),
            () -> name(memory) + " puts pack " + world.packs().names(pack)));
    if (world.mayTimeOut(state)) {
      steps.add(
          new Step(
              state.delayPacks(pack),
              () -> name(memory) + " puts pack " + world.packs().names(pack) + "; no answer"));
    }
  }

  private void storeSegment(State state, Memory memory, List<Step> steps) {
    int packs = made(memory);
    steps.add(
        new Step(
            state.index(packs).remember(actor, memory.at(Phase.APPEND).packed()),
            () -> name(memory) + " puts a segment that names " + world.packs().names(packs)));
    if (world.mayTimeOut(state)) {
      steps.add(
          new Step(state.delayIndex(packs), () -> name(memory) + " puts its segment; no answer"));
    }
  }

  /** The packs of this run among those it needs. */
  private int made(Memory memory) {
    int made = 0;
    for (int chunk = 0; chunk < Places.CHUNKS; chunk++) {
      int pack = world.packs().madeBy(number, memory.run(), chunk);
      if (Places.of(memory.places(), chunk) == pack) {
        made |= 1 << pack;
      }
    }
    return made;
  }

  private void append(State state, Memory memory, List<Step> steps) {
    int gone = Places.packs(memory.places()) & sweptBefore(state, memory);
    if (world.has(Rule.APPEND_GUARD) && gone != 0) {
      steps.add(
          new Step(
              end(state, memory),
              () -> name(memory) + " is refused: swept is " + world.packs().names(gone),
              memory.warned()
                  ? Optional.of(Invariant.REFUSED_ONLY_FOR_LATER_CONDEMN)
                  : Optional.empty()));
      return;
    }
    new Append(
            world,
            name(memory),
            memory.view(),
            entry(memory),
            after -> end(after.acknowledge(number, memory.run()), memory),
            after -> after.remember(actor, memory.seeing(after.length()).packed()))
        .addSteps(state, steps);
  }

  private int sweptBefore(State state, Memory memory) {
    int swept = 0;
    int from = world.has(Rule.GUARD_MINDS_OLD_SWEEPS) ? 0 : memory.start();
    for (int slot = from; slot < memory.view(); slot++) {
      if (Entry.kind(state.entry(slot)) == Entry.Kind.SWEEP) {
        swept |= Entry.payload(state.entry(slot));
      }
    }
    return swept;
  }

  /** It will find its slot taken; until then it does not matter which slot that is. */
  @Override
  public State settled(State state) {
    Memory memory = Memory.of(state.local(actor));
    boolean lost =
        memory.phase().ordinal() > Phase.READ_INDEX.ordinal()
            && memory.view() < state.length()
            && state.entry(memory.view()) != entry(memory)
            && world.has(Rule.CONDITIONAL_PUT)
            && world.has(Rule.HEED_SWEEP);
    return lost ? state.remember(actor, memory.seeing(0).packed()) : state;
  }

  private int entry(Memory memory) {
    return Entry.snapshot(number, memory.run(), memory.places());
  }

  private State end(State state, Memory memory) {
    return state.remember(actor, Memory.idle(memory.run() + 1).packed());
  }

  private String name(Memory memory) {
    return "writer " + Packs.runName(number, memory.run());
  }

  /** Whether a run commits when nothing disturbs it. */
  boolean commitsAlone(State shared) {
    State state = shared.remember(actor, Memory.idle(0).packed());
    do {
      List<Step> steps = new ArrayList<>();
      addSteps(state, steps);
      state = steps.getFirst().next();
    } while (Memory.of(state.local(actor)).phase() != Phase.IDLE);
    return state.acknowledged(number, 0);
  }
}
