package io.lifeboat.repository.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Who made which pack. Ids are given by writer, run and chunk, not in the order of uploads, so that
 * interleavings with the same outcome reach the same state.
 */
record Packs(Setup setup) {
  /** The number of the writer of the snapshots at the beginning. */
  static final int EARLIER = 3;

  private static final int MOST = 15;

  Packs {
    if (firstRepacked(setup) + setup.repacks() > MOST) {
      throw new IllegalArgumentException("more packs than a state has room for");
    }
  }

  /** The number of the writer that is let run alone at the end. */
  int witness() {
    return setup.writers().size();
  }

  /** The pack that a run makes of a chunk. */
  int madeBy(int writer, int run, int chunk) {
    return setup.rules().contains(Rule.FRESH_SALTS)
        ? setup.firstPacks().size() + (writer * setup.runs() + run) * Places.CHUNKS + chunk
        : chunk;
  }

  private static int firstRepacked(Setup setup) {
    int runs = setup.writers().size() * setup.runs() + 1;
    return setup.firstPacks().size() + runs * Places.CHUNKS;
  }

  int repacked(int repack) {
    return firstRepacked(setup) + repack;
  }

  /** The chunks in a pack, as bits. */
  int chunks(State state, int pack) {
    int first = setup.firstPacks().size();
    if (pack < first) {
      return setup.firstPacks().get(pack);
    }
    return pack >= firstRepacked(setup)
        ? state.repackedChunks(pack - firstRepacked(setup))
        : 1 << (pack - first) % Places.CHUNKS;
  }

  boolean holds(State state, int pack, int chunk) {
    return (chunks(state, pack) >> chunk & 1) != 0;
  }

  String name(int pack) {
    int first = setup.firstPacks().size();
    if (pack < first) {
      return "first-" + chunkNames(setup.firstPacks().get(pack));
    }
    if (pack >= firstRepacked(setup)) {
      return "repacked-" + (pack - firstRepacked(setup) + 1);
    }
    int made = (pack - first) / Places.CHUNKS;
    String chunk = chunkNames(1 << (pack - first) % Places.CHUNKS);
    return chunk + "-of-" + runName(made / setup.runs(), made % setup.runs());
  }

  String names(int packs) {
    List<String> names = new ArrayList<>();
    for (int pack = 0; pack < Integer.SIZE; pack++) {
      if ((packs >> pack & 1) != 0) {
        names.add(name(pack));
      }
    }
    return names.isEmpty() ? "no pack" : String.join(", ", names);
  }

  static String chunkNames(int chunks) {
    return switch (chunks) {
      case 1 -> "a";
      case 2 -> "b";
      default -> "ab";
    };
  }

  static String runName(int writer, int run) {
    return "w" + (writer + 1) + "." + (run + 1);
  }

  String describe(int entry) {
    return switch (Entry.kind(entry)) {
      case NOTHING -> "nothing";
      case SNAPSHOT ->
          "snapshot "
              + (Entry.writer(entry) == EARLIER
                  ? ""
                  : runName(Entry.writer(entry), Entry.run(entry)) + " ")
              + "{"
              + names(Places.packs(Entry.payload(entry)))
              + "}";
      case FORGET -> "forget " + Entry.payload(entry);
      case CONDEMN -> "condemn {" + names(Entry.payload(entry)) + "}";
      case SWEEP -> "sweep {" + names(Entry.payload(entry)) + "}";
      case RELOCATE -> "relocate " + name(Entry.from(entry)) + " to " + name(Entry.to(entry));
    };
  }
}
