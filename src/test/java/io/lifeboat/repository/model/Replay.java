package io.lifeboat.repository.model;

import java.util.Arrays;
import java.util.Set;

/** What a program knows that has read the log up to a slot. Packs and slots in sets are bits. */
final class Replay {
  private final int[] places;
  private int condemned;
  private int swept;
  private int relocated;
  private int everReferenced;
  private int newest = -1;

  /**
   * @param length how many entries it has read
   */
  Replay(State state, int length, Set<Rule> rules) {
    places = new int[length];
    Arrays.fill(places, Places.NONE);
    for (int slot = 0; slot < length; slot++) {
      int entry = state.entry(slot);
      int payload = Entry.payload(entry);
      switch (Entry.kind(entry)) {
        case NOTHING -> throw new IllegalStateException("no entry in slot " + slot);
        case SNAPSHOT -> {
          newest = slot;
          everReferenced |= Places.packs(payload);
          places[slot] =
              rules.contains(Rule.REDIRECT_EARLIER_ONLY)
                  ? payload
                  : redirected(payload, state, slot);
        }
        case FORGET -> places[payload] = Places.NONE;
        case CONDEMN -> condemned |= payload;
        case SWEEP -> swept |= payload;
        case RELOCATE -> relocate(Entry.from(entry), Entry.to(entry), slot);
      }
    }
  }

  private void relocate(int from, int to, int slot) {
    relocated |= 1 << from;
    everReferenced |= 1 << to;
    for (int snapshot = 0; snapshot < slot; snapshot++) {
      places[snapshot] = Places.moved(places[snapshot], from, to);
    }
  }

  private static int redirected(int places, State state, int end) {
    int moved = places;
    for (int slot = 0; slot < end; slot++) {
      int entry = state.entry(slot);
      if (Entry.kind(entry) == Entry.Kind.RELOCATE) {
        moved = Places.moved(moved, Entry.from(entry), Entry.to(entry));
      }
    }
    return moved;
  }

  int condemned() {
    return condemned;
  }

  int swept() {
    return swept;
  }

  int relocated() {
    return relocated;
  }

  /** The packs that a snapshot or a relocation ever named. */
  int everReferenced() {
    return everReferenced;
  }

  /** The packs that snapshots need which are not forgotten. */
  int live() {
    int live = 0;
    for (int place : places) {
      live |= Places.packs(place);
    }
    return live;
  }

  /** The chunks, as bits, that snapshots look for in a pack. */
  int liveChunks(int pack) {
    int chunks = 0;
    for (int place : places) {
      for (int chunk = 0; chunk < Places.CHUNKS; chunk++) {
        if (Places.of(place, chunk) == pack) {
          chunks |= 1 << chunk;
        }
      }
    }
    return chunks;
  }

  /** Whether a snapshot is in this slot and not forgotten. */
  boolean isLive(int slot) {
    return places[slot] != Places.NONE;
  }

  /** Where the snapshot in a slot finds its chunks by now. */
  int places(int slot) {
    return places[slot];
  }

  /** The slot of the newest snapshot, -1 if there is none. */
  int newest() {
    return newest;
  }
}
