package io.lifeboat.repository.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is explored.
 *
 * @param firstPacks the packs at the beginning, indexed: for each the chunks it holds, as bits
 * @param firstLog the log at the beginning
 * @param repacks how many packs may be made by repacking
 * @param timeouts how many puts may end without an answer
 * @param capacity entries of the log beyond which nothing is appended
 * @param reduced whether states that differ in nothing of consequence are taken for one
 */
record Setup(
    Set<Rule> rules,
    List<Integer> firstPacks,
    List<Integer> firstLog,
    List<Node> writers,
    int pruners,
    int readers,
    int repacks,
    int timeouts,
    int capacity,
    boolean reduced) {
  /**
   * A writer.
   *
   * @param chunks that its source consists of, as bits
   * @param runs how often it may start, be it anew after a commit, a refusal or a crash
   */
  record Node(int chunks, int runs) {}

  static final int A = 1;
  static final int B = 2;

  Setup {
    rules = Set.copyOf(rules);
    firstPacks = List.copyOf(firstPacks);
    firstLog = List.copyOf(firstLog);
    writers = List.copyOf(writers);
  }

  /** An older snapshot with chunk a, a newer one with b; one writer stores a, the other a and b. */
  static Setup standard() {
    return new Setup(
        EnumSet.allOf(Rule.class),
        List.of(A, B),
        List.of(
            Entry.snapshot(Packs.EARLIER, 0, Places.with(Places.NONE, 0, 0)),
            Entry.snapshot(Packs.EARLIER, 1, Places.with(Places.NONE, 1, 1))),
        List.of(new Node(A, 2), new Node(A | B, 1)),
        2,
        1,
        0,
        1,
        6,
        true);
  }

  /** One pack with both chunks, of which two snapshots need a and one needs b. */
  static Setup repacking() {
    int a = Places.with(Places.NONE, 0, 0);
    int b = Places.with(Places.NONE, 1, 0);
    return new Setup(
        EnumSet.allOf(Rule.class),
        List.of(A | B),
        List.of(Entry.snapshot(Packs.EARLIER, 0, b), Entry.snapshot(Packs.EARLIER, 1, a)),
        List.of(new Node(A | B, 2)),
        2,
        1,
        1,
        1,
        6,
        true);
  }

  Setup without(Rule... removed) {
    Set<Rule> left = EnumSet.copyOf(rules);
    left.removeAll(List.of(removed));
    return new Setup(
        left,
        firstPacks,
        firstLog,
        writers,
        pruners,
        readers,
        repacks,
        timeouts,
        capacity,
        reduced);
  }

  Setup withWriters(Node... nodes) {
    return new Setup(
        rules,
        firstPacks,
        firstLog,
        List.of(nodes),
        pruners,
        readers,
        repacks,
        timeouts,
        capacity,
        reduced);
  }

  Setup withReaders(int count) {
    return new Setup(
        rules, firstPacks, firstLog, writers, pruners, count, repacks, timeouts, capacity, reduced);
  }

  Setup withTimeouts(int count) {
    return new Setup(
        rules, firstPacks, firstLog, writers, pruners, readers, repacks, count, capacity, reduced);
  }

  Setup withCapacity(int entries) {
    return new Setup(
        rules,
        firstPacks,
        firstLog,
        writers,
        pruners,
        readers,
        repacks,
        timeouts,
        entries,
        reduced);
  }

  /** States that differ in nothing of consequence stay apart. */
  Setup unreduced() {
    return new Setup(
        rules, firstPacks, firstLog, writers, pruners, readers, repacks, timeouts, capacity, false);
  }

  /** The most runs that any writer may have. */
  int runs() {
    return writers.stream().mapToInt(Node::runs).max().orElse(0);
  }
}
