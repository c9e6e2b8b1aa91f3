package io.lifeboat.restore;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.TimelineHistory.Leg;
import io.lifeboat.repository.WalPiece;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The write-ahead log that is stored without a gap from the beginning of a segment on, along a line
 * of timelines.
 *
 * @param segments in their order; all but the last are complete
 */
record WalStretch(long segmentBytes, List<Segment> segments) {
  WalStretch {
    segments = List.copyOf(segments);
  }

  /**
   * A segment, as a recovery reads it.
   *
   * @param timeline in whose name the recovery looks for it: that of the last leg that begins in it
   *     or before it. Of what lies before the leg it has a copy
   * @param slices what it is put together from, in order, without a gap
   */
  record Segment(long number, int timeline, List<Slice> slices) {
    Segment {
      slices = List.copyOf(slices);
    }

    /** How many bytes of it there are, from its beginning. */
    int reach() {
      return slices.getLast().to();
    }

    /** What the server calls it. */
    String fileName(long segmentBytes) {
      long segmentsInPart = (1L << 32) / segmentBytes;
      return String.format(
          Locale.ROOT, "%08X%08X%08X", timeline, number / segmentsInPart, number % segmentsInPart);
    }
  }

  /** What a piece has from one offset in its segment to another. */
  record Slice(WalPiece piece, int from, int to) {}

  /** What there is from a segment on. */
  static WalStretch of(
      Collection<WalPiece> pieces, List<Leg> line, long segmentBytes, long firstSegment) {
    Map<Long, List<WalPiece>> bySegment = new HashMap<>();
    pieces.forEach(piece ->
        bySegment.computeIfAbsent(piece.segment(), number -> new ArrayList<>()).add(piece));
    List<Segment> segments = new ArrayList<>();
    boolean more = true;
    for (long number = firstSegment; more; number++) {
      Optional<Segment> segment =
          segment(bySegment.getOrDefault(number, List.of()), line, segmentBytes, number);
      segment.ifPresent(segments::add);
      more = segment.isPresent() && segment.get().reach() == segmentBytes;
    }
    return new WalStretch(segmentBytes, segments);
  }

  private static Optional<Segment> segment(
      List<WalPiece> pieces, List<Leg> line, long segmentBytes, long number) {
    int timeline = 0;
    List<Slice> candidates = new ArrayList<>();
    for (Leg leg : line) {
      if (leg.from().segment(segmentBytes) <= number) {
        timeline = leg.timeline();
        long until =
            leg.to().map(lsn -> lsn.position() - number * segmentBytes).orElse(segmentBytes);
        pieces.stream()
            .filter(piece -> piece.timeline() == leg.timeline())
            .map(piece -> new Slice(piece, piece.from(), (int) Math.min(piece.to(), until)))
            .filter(slice -> slice.from() < slice.to())
            .forEach(candidates::add);
      }
    }
    List<Slice> slices = new ArrayList<>();
    int reach = 0;
    while (true) {
      int at = reach;
      Optional<Slice> farthest =
          candidates.stream()
              .filter(slice -> slice.from() <= at && slice.to() > at)
              .max(java.util.Comparator.comparingInt(Slice::to));
      if (farthest.isEmpty()) {
        return slices.isEmpty()
            ? Optional.empty()
            : Optional.of(new Segment(number, timeline, slices));
      }
      reach = farthest.get().to();
      slices.add(new Slice(farthest.get().piece(), at, reach));
    }
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  /** Position of the first byte; of an empty stretch there is none. */
  Lsn start() {
    return start(segments.getFirst());
  }

  Lsn start(Segment segment) {
    return new Lsn(segment.number() * segmentBytes);
  }

  /** Position behind the last byte; of an empty stretch there is none. */
  Lsn end() {
    return new Lsn(start(segments.getLast()).position() + segments.getLast().reach());
  }

  /** The same, up to this segment, inclusive. */
  WalStretch upTo(int index) {
    return new WalStretch(segmentBytes, segments.subList(0, index + 1));
  }
}
