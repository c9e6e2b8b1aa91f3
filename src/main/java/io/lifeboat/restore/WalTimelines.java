package io.lifeboat.restore;

import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.repository.WalArchive;
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
   * The way to a timeline, from the oldest that it descends from. Without its history only itself
   * is known.
   *
   * @throws io.lifeboat.error.PermanentException if its history is none
   */
  List<TimelineHistory.Leg> ancestry(int timeline) {
    return Optional.ofNullable(files.get(timeline))
        .map(file -> TimelineHistory.parse(timeline, file))
        .orElseGet(() -> new TimelineHistory(timeline, List.of()))
        .legs();
  }
}
