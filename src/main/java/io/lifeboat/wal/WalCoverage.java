package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.repository.WalPiece;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the pieces of a repository cover. Says nothing of whether they are sound: it knows their
 * names only.
 *
 * @param ranges of each timeline what is there without a gap, in order; they do not touch
 */
public record WalCoverage(Map<Integer, List<Range>> ranges) {
  /** Copies the lists. */
  public WalCoverage {
    var copies = new TreeMap<Integer, List<Range>>();
    ranges.forEach((timeline, list) -> copies.put(timeline, List.copyOf(list)));
    ranges = Collections.unmodifiableMap(copies);
  }

  /**
   * WAL without a gap.
   *
   * @param from inclusive
   * @param to exclusive
   */
  public record Range(Lsn from, Lsn to) {
    /** Whether the byte at this position is in it. */
    public boolean contains(Lsn position) {
      return !position.isBefore(from) && position.isBefore(to);
    }
  }

  /**
   * How far one gets.
   *
   * @param to the first position that is not covered, and the timeline that it is looked for on
   * @param gap what is missing, if there is more behind it
   */
  public record Reach(WalPosition to, Optional<WalGap> gap) {}

  /**
   * The coverage of these pieces.
   *
   * @param pieces in any order
   * @param segmentBytes the cluster's {@code wal_segment_size}
   */
  public static WalCoverage of(Collection<WalPiece> pieces, int segmentBytes) {
    var ranges = new TreeMap<Integer, List<Range>>();
    for (WalPiece piece : pieces.stream().sorted().toList()) {
      var start = new Lsn(piece.segment() * segmentBytes);
      var range = new Range(start.plus(piece.from()), start.plus(piece.to()));
      List<Range> before = ranges.computeIfAbsent(piece.timeline(), _ -> new ArrayList<>());
      if (before.isEmpty() || before.getLast().to().isBefore(range.from())) {
        before.add(range);
      } else {
        Range last = before.removeLast();
        before.add(new Range(last.from(), Lsn.max(last.to(), range.to())));
      }
    }
    return new WalCoverage(ranges);
  }

  /** The range that has the byte at this position. */
  public Optional<Range> rangeAt(WalPosition position) {
    return of(position.timeline()).stream()
        .filter(range -> range.contains(position.lsn()))
        .findFirst();
  }

  /** The end of the newest timeline's last range. */
  public Optional<WalPosition> end() {
    return ranges.entrySet().stream()
        .reduce((_, second) -> second)
        .map(entry -> new WalPosition(entry.getKey(), entry.getValue().getLast().to()));
  }

  private List<Range> of(int timeline) {
    return ranges.getOrDefault(timeline, List.of());
  }

  /**
   * How far one gets from a position towards the end of a timeline, over the switches of those that
   * it branched off. A later timeline of the way serves for an earlier one where it repeats it: its
   * first segment begins with the same bytes.
   *
   * @param start on the way, for instance the start of a base backup
   * @param way the history of the timeline to get to
   */
  public Reach along(Lsn start, TimelineHistory way) {
    List<TimelineHistory.Leg> legs = way.legs();
    Lsn at = start;
    for (int i = 0; i < legs.size(); i++) {
      TimelineHistory.Leg leg = legs.get(i);
      if (endsBehind(leg, at)) {
        at = covered(at, legs.subList(i, legs.size()));
      }
      if (endsBehind(leg, at)) {
        var to = new WalPosition(leg.timeline(), at);
        return new Reach(to, gap(to, legs.subList(i, legs.size())));
      }
    }
    throw new IllegalStateException("The last leg has no end");
  }

  private static boolean endsBehind(TimelineHistory.Leg leg, Lsn position) {
    return leg.to().isEmpty() || position.isBefore(leg.to().get());
  }

  /** How far it goes on the first of these legs, at least; beyond its end on the next ones. */
  private Lsn covered(Lsn start, List<TimelineHistory.Leg> legs) {
    TimelineHistory.Leg own = legs.getFirst();
    Lsn at = start;
    while (endsBehind(own, at)) {
      Lsn next = at;
      for (TimelineHistory.Leg leg : legs) {
        Optional<Range> range = rangeAt(new WalPosition(leg.timeline(), at));
        if (range.isPresent()) {
          // What a timeline has beyond its end is a dead end.
          Lsn end = leg.to().map(to -> Lsn.min(to, range.get().to())).orElse(range.get().to());
          next = Lsn.max(next, end);
        }
      }
      if (next.equals(at)) {
        return at;
      }
      at = next;
    }
    return at;
  }

  /** What is missing there, if something on the way is behind it. */
  private Optional<WalGap> gap(WalPosition at, List<TimelineHistory.Leg> legs) {
    return legs.stream()
        .flatMap(leg ->
            of(leg.timeline()).stream()
                .filter(range -> leg.from().isBefore(range.to()))
                .filter(range -> leg.to().filter(to -> !range.from().isBefore(to)).isEmpty()))
        .map(Range::from)
        .filter(from -> at.lsn().isBefore(from))
        .min(Lsn::compareTo)
        .map(from -> new WalGap(at.timeline(), at.lsn(), from));
  }
}
