package io.lifeboat.operation;

import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.drill.RtoForecast;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How much of what a plan keeps is proven, by proofs that stand. As JSON it is what scripts rely
 * on: it may be extended, its fields are never renamed.
 *
 * @param kept how many snapshots there are
 * @param proven how many of them have a proof that stands
 * @param newest the newest of them; empty if there is none
 * @param provenPoints for each level the newest snapshot that a proof which stands proves to it
 * @param unproven the others, oldest first, and what there is to say of each
 * @param nextDrill when the next is due; empty without a schedule
 * @param rto how long restores come to take; empty where nobody looked
 */
public record ProofCoverage(
    String plan,
    String source,
    int kept,
    int proven,
    Optional<Point> newest,
    Map<ProofLevel, Point> provenPoints,
    List<Point> unproven,
    Optional<Instant> nextDrill,
    Optional<RtoForecast> rto) {
  /**
   * A snapshot and its standing.
   *
   * @param startedAt the instant that it brings back
   */
  public record Point(String snapshot, Instant startedAt, ProofStanding standing) {
    private static Point of(Engines.Listed listed) {
      SnapshotInfo info = listed.info();
      return new Point(info.id(), info.startedAt(), listed.standing());
    }
  }

  /** Copies the collections. */
  public ProofCoverage {
    provenPoints = Collections.unmodifiableMap(new TreeMap<>(provenPoints));
    unproven = List.copyOf(unproven);
  }

  /**
   * That of a plan.
   *
   * @param listed snapshots, also those of other plans
   */
  public static ProofCoverage of(
      String plan, String source, List<Engines.Listed> listed, Optional<Instant> nextDrill) {
    List<Point> oldestFirst =
        listed.stream()
            .filter(snapshot -> snapshot.info().plan().equals(plan))
            .map(Point::of)
            .sorted(Comparator.comparing(Point::startedAt))
            .toList();
    Map<ProofLevel, Point> provenPoints = new TreeMap<>();
    for (Point point : oldestFirst) {
      for (ProofLevel level : ProofLevel.values()) {
        if (point.standing().standsAt(level)) {
          provenPoints.put(level, point);
        }
      }
    }
    List<Point> unproven =
        oldestFirst.stream().filter(point -> !point.standing().stands()).toList();
    return new ProofCoverage(
        plan,
        source,
        oldestFirst.size(),
        oldestFirst.size() - unproven.size(),
        oldestFirst.isEmpty() ? Optional.empty() : Optional.of(oldestFirst.getLast()),
        provenPoints,
        unproven,
        nextDrill,
        Optional.empty());
  }

  /** The same with how long restores come to take. */
  public ProofCoverage with(RtoForecast forecast) {
    return new ProofCoverage(
        plan,
        source,
        kept,
        proven,
        newest,
        provenPoints,
        unproven,
        nextDrill,
        Optional.of(forecast));
  }

  /**
   * Whether the newest snapshot is there and its proof stands: what a monitor asks. In JSON it is
   * {@code newestProven}.
   */
  public boolean isNewestProven() {
    return newest.filter(point -> point.standing().stands()).isPresent();
  }
}
