package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Explores every state that can be reached, breadth first, and judges each of them. What an actor
 * does that never takes another step is covered, because each prefix of each interleaving is a
 * state.
 */
final class Checker {
  /**
   * What came out.
   *
   * @param states that were reached, up to the counter-example if there is one
   * @param steps that were taken between them
   * @param stores differing contents of the store, each of which was judged
   */
  record Result(int states, long steps, int stores, Optional<Counterexample> counterexample) {}

  private final World world;
  private final World afterwards;
  private final Set<Invariant> invariants;
  private final Visited visited = new Visited();
  private final Visited stores = new Visited();
  private long steps;

  private Checker(Setup setup, Set<Invariant> invariants) {
    this.world = new World(setup);
    this.afterwards = world.afterwards();
    this.invariants = invariants;
  }

  static Result check(Setup setup, Set<Invariant> invariants) {
    return new Checker(setup, invariants).explore();
  }

  private Result explore() {
    State initial = world.canonical(world.initial());
    visited.add(initial.words(), -1);
    Optional<Invariant> broken = judge(initial);
    if (broken.isPresent()) {
      return result(Optional.of(new Counterexample(broken.get(), List.of())));
    }
    for (int ordinal = 0; ordinal < visited.size(); ordinal++) {
      State state = visited.state(ordinal);
      for (Step step : world.steps(state)) {
        steps++;
        State next = world.canonical(step.next());
        broken = judge(state, step);
        if (broken.isEmpty() && visited.add(next.words(), ordinal)) {
          broken = judge(next);
        }
        if (broken.isPresent()) {
          return result(Optional.of(trace(ordinal, next, broken.get())));
        }
      }
    }
    return result(Optional.empty());
  }

  private Result result(Optional<Counterexample> counterexample) {
    return new Result(visited.size(), steps, stores.size(), counterexample);
  }

  /** A step on its own. */
  private Optional<Invariant> judge(State before, Step step) {
    Optional<Invariant> broken =
        step.breaks()
            .or(() ->
                step.next().logBeginsWith(before)
                    ? Optional.empty()
                    : Optional.of(Invariant.LOG_ONLY_GROWS));
    return broken.filter(invariants::contains);
  }

  /** A state. All that is judged hangs on store and log alone, so each of these is judged once. */
  private Optional<Invariant> judge(State state) {
    State shared = state.alone();
    if (!stores.add(shared.words(), -1)) {
      return Optional.empty();
    }
    return invariants.stream().filter(invariant -> !holds(invariant, shared)).findFirst();
  }

  private boolean holds(Invariant invariant, State shared) {
    return switch (invariant) {
      case RESTORES -> restores(shared);
      case ACKNOWLEDGED_IS_LOGGED -> acknowledgedIsLogged(shared);
      case GARBAGE_IS_BOUNDED -> {
        State after = afterwards.lonePruner().roundAlone(shared);
        yield after.stored() == world.replay(after, after.length()).live();
      }
      case LONE_RUN_COMMITS -> afterwards.loneWriter().commitsAlone(shared);
      case READER_IS_SERVED, LOG_ONLY_GROWS, REFUSED_ONLY_FOR_LATER_CONDEMN -> true;
    };
  }

  private boolean restores(State state) {
    Replay replay = world.replay(state, state.length());
    for (int slot = 0; slot < state.length(); slot++) {
      for (int chunk = 0; chunk < Places.CHUNKS; chunk++) {
        int pack = Places.of(replay.places(slot), chunk);
        if (pack != Places.NOWHERE
            && ((state.stored() >> pack & 1) == 0 || !world.packs().holds(state, pack, chunk))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean acknowledgedIsLogged(State state) {
    for (int writer = 0; writer < world.setup().writers().size(); writer++) {
      for (int run = 0; run < world.setup().runs(); run++) {
        if (state.acknowledged(writer, run) && !isLogged(state, writer, run)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isLogged(State state, int writer, int run) {
    for (int slot = 0; slot < state.length(); slot++) {
      int entry = state.entry(slot);
      if (Entry.kind(entry) == Entry.Kind.SNAPSHOT
          && Entry.writer(entry) == writer
          && Entry.run(entry) == run) {
        return true;
      }
    }
    return false;
  }

  /** Goes the way again without exchanging pruners, so that each keeps its name. */
  private Counterexample trace(int ordinal, State last, Invariant broken) {
    List<State> path = visited.path(ordinal);
    path.add(last);
    List<String> sentences = new ArrayList<>();
    State state = world.initial();
    for (State next : path.subList(1, path.size())) {
      Step step =
          world.steps(state).stream()
              .filter(each -> Arrays.equals(world.canonical(each.next()).words(), next.words()))
              .findFirst()
              .orElseThrow();
      sentences.add(step.what().get());
      state = step.next();
    }
    return new Counterexample(broken, sentences);
  }
}
