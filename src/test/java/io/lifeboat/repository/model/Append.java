package io.lifeboat.repository.model;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One attempt to put an entry into the slot behind all that its author has read. Each answer that
 * the store can give is a step.
 *
 * @param who for people
 * @param slot how many entries the author has read
 * @param appended what the author does on knowing that the entry is there
 * @param taken what it does when there is another one, having read the log to its end
 */
record Append(
    World world,
    String who,
    int slot,
    int entry,
    UnaryOperator<State> appended,
    UnaryOperator<State> taken) {
  void addSteps(State state, List<Step> steps) {
    boolean free = state.length() == slot;
    if (free && slot >= world.capacity()) {
      return;
    }
    if (free || !world.has(Rule.CONDITIONAL_PUT)) {
      steps.add(
          new Step(
              appended.apply(state.put(slot, entry)),
              () -> who + " puts entry " + slot + ": " + text()));
      if (world.mayTimeOut(state) && state.lateEntry() == Entry.NONE) {
        State delayed = state.delayEntry(entry, slot);
        steps.add(
            new Step(
                world.has(Rule.LOOK_AFTER_TIMEOUT) ? delayed : appended.apply(delayed),
                () -> who + " puts entry " + slot + ": " + text() + "; no answer"));
      }
    } else if (state.entry(slot) == entry) {
      steps.add(new Step(appended.apply(state), () -> who + " finds its entry in slot " + slot));
    } else {
      steps.add(
          new Step(
              taken.apply(state),
              () -> who + " finds its slot taken and reads on to the tip " + state.length()));
    }
  }

  private String text() {
    return world.packs().describe(entry);
  }
}
