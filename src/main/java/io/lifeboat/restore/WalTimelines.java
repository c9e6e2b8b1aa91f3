package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.repository.WalArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The timelines of a cluster, and how each branched off the ones before it. */
final class WalTimelines {
  private final Map<Integer, byte[]> files;
  private final SortedSet<Integer> all;

  private WalTimelines(Map<Integer, byte[]> files, SortedSet<Integer> all) {
    this.files = files;
    this.all = all;
  }

  /** Those that an archive knows. */
  static WalTimelines of(WalArchive archive, WalArchive.Inventory inventory) {
    var files = new TreeMap<Integer, byte[]>();
    inventory.histories().forEach(timeline -> files.put(timeline, archive.history(timeline)));
    var all = new TreeSet<>(files.keySet());
    inventory.pieces().forEach(piece -> all.add(piece.timeline()));
    return new WalTimelines(files, all);
  }

  /** The timelines that there is anything of, in their order. */
  SortedSet<Integer> all() {
    return all;
  }

  /** The files {@code <timeline>.history}, by timeline. */
  Map<Integer, byte[]> files() {
    return files;
  }

  /**
   * The part that a timeline has in a line of descent.
   *
   * @param from where it begins
   * @param until where the next one branched off; empty for the last
   */
  record Branch(int timeline, Lsn from, Optional<Lsn> until) {}

  /**
   * A timeline and those it descends from, the oldest first. Without its history only itself is
   * known.
   *
   * @throws PermanentException with code {@code OBJECT_DAMAGED} if its history is none
   */
  List<Branch> ancestry(int timeline) {
    byte[] file = files.get(timeline);
    List<Branch> line = new ArrayList<>();
    Lsn from = new Lsn(0);
    if (file != null) {
      for (String text : new String(file, StandardCharsets.UTF_8).lines().toList()) {
        if (!text.isBlank() && !text.stripLeading().startsWith("#")) {
          Branch branch = branch(timeline, text, from);
          line.add(branch);
          from = branch.until().orElseThrow();
        }
      }
    }
    line.add(new Branch(timeline, from, Optional.empty()));
    return line;
  }

  /** {@code timeline, tab, position of the switch, tab, reason}. */
  private static Branch branch(int timeline, String text, Lsn from) {
    String[] fields = text.strip().split("\\s+", 3);
    try {
      return new Branch(Integer.parseInt(fields[0]), from, Optional.of(Lsn.parse(fields[1])));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "The history of timeline " + timeline + " has a line that means nothing: '" + text + "'",
          "Restore on another timeline; `lifeboat wal` lists what there is.",
          e);
    }
  }
}
