package io.lifeboat.repository.model;

import java.util.Arrays;

/**
 * Everything at one moment, immutable, in a few numbers: the objects in the store, the requests
 * that are still under way, the budgets, what each actor remembers, and the log. Sets of packs are
 * bits.
 */
final class State {
  private static final int STORE = 0;
  private static final int LATE = 1;
  private static final int LATE_ENTRY = 2;
  private static final int COUNTS = 3;
  private static final int LOCALS = 4;

  private static final int ACKNOWLEDGED_SHIFT = 8;
  private static final int REPACKS_SHIFT = 20;
  private static final int CONTENTS_SHIFT = 22;
  private static final int ACTORS_SHIFT = 28;

  private final int[] words;

  State(int[] words) {
    this.words = words;
  }

  static State initial(int actors, int packs, int timeouts, int[] log) {
    int[] words = new int[LOCALS + actors + log.length];
    words[STORE] = packs | packs << 16;
    words[COUNTS] = timeouts << 4 | actors << ACTORS_SHIFT;
    System.arraycopy(log, 0, words, LOCALS + actors, log.length);
    return new State(words);
  }

  int[] words() {
    return words;
  }

  private State with(int word, int value) {
    int[] copy = words.clone();
    copy[word] = value;
    return new State(copy);
  }

  // The store.

  int stored() {
    return words[STORE] & 0xFFFF;
  }

  /** Packs that the index segments in the store name. */
  int indexed() {
    return words[STORE] >>> 16;
  }

  State store(int packs) {
    return with(STORE, words[STORE] | packs);
  }

  State delete(int packs) {
    return with(STORE, words[STORE] & ~packs);
  }

  State index(int packs) {
    return with(STORE, words[STORE] | packs << 16);
  }

  // Requests whose client gave up waiting: they may take effect at any later time, or never.

  int latePacks() {
    return words[LATE] & 0xFFFF;
  }

  int lateIndex() {
    return words[LATE] >>> 16;
  }

  int lateEntry() {
    return words[LATE_ENTRY];
  }

  int lateSlot() {
    return words[COUNTS] & 15;
  }

  int timeoutsLeft() {
    return words[COUNTS] >> 4 & 15;
  }

  State delayPacks(int packs) {
    return spendTimeout().with(LATE, words[LATE] | packs);
  }

  State delayIndex(int packs) {
    return spendTimeout().with(LATE, words[LATE] | packs << 16);
  }

  State delayEntry(int entry, int slot) {
    State spent = spendTimeout();
    return spent.with(LATE_ENTRY, entry).with(COUNTS, spent.words[COUNTS] & ~15 | slot);
  }

  State arrivePacks(int packs) {
    return store(packs).with(LATE, words[LATE] & ~packs);
  }

  State arriveIndex(int packs) {
    return index(packs).with(LATE, words[LATE] & ~(packs << 16));
  }

  State arriveEntry() {
    State landed = put(lateSlot(), lateEntry());
    return landed.forgetLateEntry();
  }

  private State forgetLateEntry() {
    return with(LATE_ENTRY, Entry.NONE).with(COUNTS, words[COUNTS] & ~15);
  }

  private State spendTimeout() {
    return with(COUNTS, words[COUNTS] - (1 << 4));
  }

  // What clients were told, and packs that maintainers made.

  boolean acknowledged(int writer, int run) {
    return (words[COUNTS] >> ACKNOWLEDGED_SHIFT & 1 << (4 * writer + run)) != 0;
  }

  State acknowledge(int writer, int run) {
    return with(COUNTS, words[COUNTS] | 1 << (4 * writer + run + ACKNOWLEDGED_SHIFT));
  }

  int repacks() {
    return words[COUNTS] >> REPACKS_SHIFT & 3;
  }

  /** The chunks, as bits, in the pack that was made by repacking as number {@code repack}. */
  int repackedChunks(int repack) {
    return words[COUNTS] >> (CONTENTS_SHIFT + 2 * repack) & 3;
  }

  State repack(int chunks) {
    int counts = words[COUNTS] | chunks << (CONTENTS_SHIFT + 2 * repacks());
    return with(COUNTS, counts + (1 << REPACKS_SHIFT));
  }

  // What actors remember. Zero is nothing.

  int actors() {
    return words[COUNTS] >>> ACTORS_SHIFT;
  }

  int local(int actor) {
    return words[LOCALS + actor];
  }

  State remember(int actor, int local) {
    return with(LOCALS + actor, local);
  }

  // The log.

  int length() {
    return words.length - LOCALS - actors();
  }

  int entry(int slot) {
    return words[LOCALS + actors() + slot];
  }

  /** Entry {@code slot} is there from now on, whether there was one or not. */
  State put(int slot, int entry) {
    if (slot < length()) {
      return with(LOCALS + actors() + slot, entry);
    }
    int[] longer = Arrays.copyOf(words, words.length + 1);
    longer[words.length] = entry;
    return new State(longer);
  }

  /** Drops a request for an entry whose slot is taken: with conditional puts it has no effect. */
  State withoutVoidRequest() {
    return lateEntry() != Entry.NONE && lateSlot() < length() ? forgetLateEntry() : this;
  }

  /**
   * The shared part as after the end of all actors and requests, and without limit of time-outs.
   */
  State alone() {
    int[] copy = words.clone();
    copy[LATE] = 0;
    copy[LATE_ENTRY] = Entry.NONE;
    copy[COUNTS] &= ~0xFF;
    Arrays.fill(copy, LOCALS, LOCALS + actors(), 0);
    return new State(copy);
  }

  boolean logBeginsWith(State earlier) {
    int from = LOCALS + actors();
    return words.length >= earlier.words.length
        && Arrays.equals(
            words, from, earlier.words.length, earlier.words, from, earlier.words.length);
  }
}
