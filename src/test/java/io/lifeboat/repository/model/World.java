package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.List;

/** Actors and rules of one exploration. */
final class World {
  private static final int FULL = 14;

  private final Setup setup;
  private final Packs packs;
  private final int capacity;
  private final List<Actor> actors = new ArrayList<>();
  private final int firstPruner;
  private final int remembering;

  World(Setup setup) {
    this(setup, setup.capacity());
  }

  private World(Setup setup, int capacity) {
    this.setup = setup;
    this.packs = new Packs(setup);
    this.capacity = capacity;
    int slot = 0;
    for (; slot < setup.writers().size(); slot++) {
      actors.add(new Writer(this, slot, slot, setup.writers().get(slot)));
    }
    firstPruner = slot;
    for (; slot < firstPruner + setup.pruners(); slot++) {
      actors.add(new Pruner(this, slot));
    }
    for (int reader = 0; reader < setup.readers(); reader++) {
      actors.add(new Reader(this, slot + reader));
    }
    remembering = actors.size();
    actors.add(new Deleter(this));
    actors.add(new Network(this));
  }

  /** The same with room for what is appended when the exploration is over. */
  World afterwards() {
    return new World(setup, FULL);
  }

  State initial() {
    int[] log = setup.firstLog().stream().mapToInt(Integer::intValue).toArray();
    int packsAtFirst = (1 << setup.firstPacks().size()) - 1;
    return State.initial(remembering, packsAtFirst, setup.timeouts(), log);
  }

  /** All that may happen next. */
  List<Step> steps(State state) {
    List<Step> steps = new ArrayList<>();
    for (Actor actor : actors) {
      actor.addSteps(state, steps);
    }
    steps.replaceAll(step -> new Step(settled(step.next()), step.what(), step.breaks()));
    return steps;
  }

  private State settled(State state) {
    State settled = has(Rule.CONDITIONAL_PUT) ? state.withoutVoidRequest() : state;
    if (!setup.reduced()) {
      return settled;
    }
    for (Actor actor : actors) {
      settled = actor.settled(settled);
    }
    return settled;
  }

  /** One of two states that differ in which pruner does what: pruners are interchangeable. */
  State canonical(State state) {
    if (setup.pruners() == 2 && setup.reduced()) {
      int one = state.local(firstPruner);
      int other = state.local(firstPruner + 1);
      if (one > other) {
        return state.remember(firstPruner, other).remember(firstPruner + 1, one);
      }
    }
    return state;
  }

  boolean has(Rule rule) {
    return setup.rules().contains(rule);
  }

  Setup setup() {
    return setup;
  }

  Packs packs() {
    return packs;
  }

  int capacity() {
    return capacity;
  }

  boolean mayTimeOut(State state) {
    return state.timeoutsLeft() > 0;
  }

  Replay replay(State state, int length) {
    return new Replay(state, length, setup.rules());
  }

  /** A maintainer and a writer for what happens after all others have stopped. */
  Pruner lonePruner() {
    return new Pruner(this, 0);
  }

  Writer loneWriter() {
    return new Writer(this, 0, packs.witness(), new Setup.Node(Setup.A | Setup.B, 1));
  }
}
