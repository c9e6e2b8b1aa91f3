package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.postgres.RecoveryTimeline;
import io.lifeboat.postgres.TimelineHistory.Leg;
import io.lifeboat.postgres.WalRecord;
import io.lifeboat.postgres.WalRecords;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.repository.WalTimes;
import io.lifeboat.restore.WalStretch.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds the way to a point in time: the newest snapshot that was complete by then, and the
 * write-ahead log from its end to there. Reads of the log what it must to be exact, and refuses
 * what is not covered before anything is written. Needs a recovery kit. For one thread.
 */
public final class PointInTime {
  private static final String HINT =
      "`lifeboat wal --source SOURCE` lists what can be recovered to.";

  private final Repository repository;
  private final Progress progress;

  /** Looks into a repository. */
  public PointInTime(Repository repository, Progress progress) {
    this.repository = repository;
    this.progress = progress;
  }

  /** A snapshot that a recovery may begin with. */
  private record Candidate(SnapshotInfo info, SnapshotInfo.Wal wal, List<Leg> line) {
    int timeline() {
      return line.getLast().timeline();
    }

    /** Whether the line of timelines goes through the snapshot's end. */
    boolean isOnLine() {
      Lsn stop = new Lsn(wal.stop());
      return line.stream()
          .filter(leg -> leg.timeline() == wal.timeline())
          .anyMatch(leg -> leg.to().map(end -> stop.compareTo(end) <= 0).orElse(true));
    }
  }

  /** One cluster's log. */
  private record Log(
      WalArchive archive, WalArchive.Inventory inventory, WalTimelines timelines, long segment) {
    WalStretch after(Candidate candidate) {
      return WalStretch.of(
          inventory.pieces(),
          candidate.line(),
          segment,
          new Lsn(candidate.wal().stop()).lastSegment(segment));
    }

    /** Until when nothing is missing that had been committed. */
    Instant coveredUpTo(WalStretch stretch, SnapshotInfo.Wal snapshot) {
      Instant complete =
          reaches(stretch, snapshot)
              ? times(stretch.segments().getLast()).completeAt()
              : Instant.EPOCH;
      return complete.isAfter(snapshot.stoppedAt()) ? complete : snapshot.stoppedAt();
    }

    /** Whether it goes on from where the snapshot is complete. */
    boolean reaches(WalStretch stretch, SnapshotInfo.Wal snapshot) {
      return !stretch.isEmpty() && stretch.end().compareTo(new Lsn(snapshot.stop())) >= 0;
    }

    WalTimes times(Segment segment) {
      return archive.read(segment.slices().getLast().piece()).times();
    }
  }

  /** Where the target is: how many segments are needed, and whether their end is it. */
  private record Place(int lastSegment, boolean toTheEnd) {}

  /**
   * Plans a recovery.
   *
   * @param snapshots those that may be used, all of one source
   * @throws PermanentException with code {@code TARGET_NOT_COVERED}, saying what is covered, or
   *     what the repository says of an object that it cannot read
   */
  public RecoveryPlan plan(
      List<SnapshotInfo> snapshots, RecoveryTarget target, RecoveryTimeline timeline) {
    progress.phase("plan");
    List<SnapshotInfo> usable =
        snapshots.stream()
            .filter(info -> info.wal().isPresent())
            .sorted(Comparator.comparing((SnapshotInfo info) -> wal(info).stoppedAt()).reversed())
            .toList();
    SnapshotInfo newest =
        usable.stream()
            .filter(info -> isBefore(wal(info), target))
            .findFirst()
            .or(() -> usable.stream().findFirst())
            .orElseThrow(() ->
                notCovered(
                    "No snapshot says where in its cluster's write-ahead log it lies",
                    "Back the source up again: what an earlier build took cannot be"
                        + " recovered to a point in time."));
    Log log = log(newest);
    List<Candidate> candidates =
        usable.stream()
            .filter(info -> wal(info).cluster().equals(log.archive().cluster()))
            .map(info -> candidate(info, usable, log.timelines(), timeline))
            .filter(Candidate::isOnLine)
            .toList();
    return plan(log, candidates, target);
  }

  /**
   * What is covered, by timeline and position: where one range ends and another begins on the same
   * timeline, there is a gap between them.
   *
   * @param snapshots all of one source
   */
  public List<RecoveryRange> ranges(List<SnapshotInfo> snapshots) {
    Map<String, List<SnapshotInfo>> clusters =
        snapshots.stream()
            .filter(info -> info.wal().isPresent())
            .sorted(Comparator.comparing((SnapshotInfo info) -> new Lsn(wal(info).stop())))
            .collect(Collectors.groupingBy(info -> wal(info).cluster()));
    List<RecoveryRange> ranges = new ArrayList<>();
    for (List<SnapshotInfo> cluster : clusters.values()) {
      Log log = log(cluster.getLast());
      var timelines = new TreeSet<>(log.timelines().all());
      cluster.forEach(info -> timelines.add(wal(info).timeline()));
      timelines.forEach(timeline -> ranges.addAll(ranges(log, cluster, timeline)));
    }
    return ranges;
  }

  private static List<RecoveryRange> ranges(Log log, List<SnapshotInfo> cluster, int timeline) {
    List<RecoveryRange> ranges = new ArrayList<>();
    List<Leg> line = log.timelines().ancestry(timeline);
    Lsn end = new Lsn(0);
    for (SnapshotInfo info : cluster) {
      var candidate = new Candidate(info, wal(info), line);
      Lsn stop = new Lsn(wal(info).stop());
      if (candidate.isOnLine() && stop.compareTo(end) > 0) {
        WalStretch stretch = log.after(candidate);
        end = log.reaches(stretch, wal(info)) ? stretch.end() : stop;
        ranges.add(RecoveryRange.of(info, timeline, end, log.coveredUpTo(stretch, wal(info))));
      }
    }
    return ranges;
  }

  private Log log(SnapshotInfo snapshot) {
    WalArchive archive = repository.walAfter(snapshot).orElseThrow();
    WalArchive.Inventory inventory = archive.list();
    return new Log(
        archive, inventory, WalTimelines.of(archive, inventory), wal(snapshot).segmentBytes());
  }

  private static SnapshotInfo.Wal wal(SnapshotInfo info) {
    return info.wal().orElseThrow();
  }

  private static Candidate candidate(
      SnapshotInfo info,
      List<SnapshotInfo> all,
      WalTimelines timelines,
      RecoveryTimeline timeline) {
    int number =
        switch (timeline) {
          case RecoveryTimeline.Numbered numbered -> numbered.number();
          case RecoveryTimeline.OfSnapshot own -> wal(info).timeline();
          case RecoveryTimeline.Newest newest ->
              Math.max(
                  timelines.all().isEmpty() ? 1 : timelines.all().last(),
                  all.stream()
                      .map(PointInTime::wal)
                      .filter(wal -> wal.cluster().equals(wal(info).cluster()))
                      .mapToInt(SnapshotInfo.Wal::timeline)
                      .max()
                      .orElse(1));
        };
    return new Candidate(info, wal(info), timelines.ancestry(number));
  }

  private RecoveryPlan plan(Log log, List<Candidate> candidates, RecoveryTarget target) {
    List<Candidate> before =
        candidates.stream().filter(one -> isBefore(one.wal(), target)).toList();
    if (before.isEmpty()) {
      throw tooEarly(candidates, target);
    }
    boolean anywhere =
        target instanceof RecoveryTarget.Transaction
            || target instanceof RecoveryTarget.RestorePoint;
    for (Candidate candidate : anywhere ? before : before.subList(0, 1)) {
      progress.checkCancelled();
      WalStretch stretch = log.after(candidate);
      Optional<Place> place = place(log, candidate, stretch, target);
      if (place.isPresent()) {
        return plan(log, candidate, target, stretch, place.get());
      }
    }
    Candidate oldest = before.getLast();
    throw beyond(log, before.getFirst(), oldest, target, anywhere);
  }

  private static RecoveryPlan plan(
      Log log, Candidate candidate, RecoveryTarget target, WalStretch stretch, Place place) {
    boolean own = place.lastSegment() < 0;
    return new RecoveryPlan(
        candidate.info(),
        target,
        place.toTheEnd(),
        target instanceof RecoveryTarget.Immediate
            ? candidate.wal().timeline()
            : candidate.timeline(),
        log.coveredUpTo(stretch, candidate.wal()),
        new RecoveryPlan.Wal(
            log.archive(),
            own ? new WalStretch(log.segment(), List.of()) : stretch.upTo(place.lastSegment()),
            log.timelines().files()));
  }

  /** Whether a snapshot was complete at the target, as far as that can be said without the log. */
  private static boolean isBefore(SnapshotInfo.Wal wal, RecoveryTarget target) {
    return switch (target) {
      case RecoveryTarget.Time time -> !wal.stoppedAt().isAfter(time.at());
      case RecoveryTarget.Position position -> new Lsn(wal.stop()).compareTo(position.lsn()) <= 0;
      case RecoveryTarget.Transaction transaction -> true;
      case RecoveryTarget.RestorePoint point -> true;
      case RecoveryTarget.Immediate now -> true;
      case RecoveryTarget.Latest latest -> true;
    };
  }

  private Optional<Place> place(
      Log log, Candidate candidate, WalStretch stretch, RecoveryTarget target) {
    boolean more = log.reaches(stretch, candidate.wal());
    int last = stretch.segments().size() - 1;
    return switch (target) {
      case RecoveryTarget.Immediate now -> Optional.of(new Place(-1, false));
      case RecoveryTarget.Latest latest -> Optional.of(new Place(more ? last : -1, true));
      case RecoveryTarget.Time time -> {
        int first = more ? firstSentBeyond(log, stretch, time) : 0;
        yield first <= last && more
            ? scan(log, candidate, stretch, first, target)
            : Optional.of(new Place(last, true))
                .filter(end -> time.at().equals(log.coveredUpTo(stretch, candidate.wal())));
      }
      case RecoveryTarget.Position position -> {
        if (!more || position.lsn().compareTo(stretch.end()) > 0) {
          yield ofSnapshot(candidate, position).filter(end -> !more);
        }
        long first = position.lsn().segment(log.segment()) - stretch.segments().getFirst().number();
        yield scan(log, candidate, stretch, (int) Math.min(first, last), target);
      }
      case RecoveryTarget.Transaction transaction ->
          more ? scan(log, candidate, stretch, 0, target) : Optional.empty();
      case RecoveryTarget.RestorePoint point ->
          more ? scan(log, candidate, stretch, 0, target) : Optional.empty();
    };
  }

  /** A position that is the very end of a snapshot needs no log at all. */
  private static Optional<Place> ofSnapshot(Candidate candidate, RecoveryTarget.Position position) {
    return Optional.of(new Place(-1, true))
        .filter(end -> position.lsn().position() == candidate.wal().stop());
  }

  /**
   * The first segment whose last byte was sent beyond an instant: whatever ended beyond it is there
   * or later. How many there are, if there is none.
   */
  private static int firstSentBeyond(Log log, WalStretch stretch, RecoveryTarget.Time time) {
    int low = 0;
    int high = stretch.segments().size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (time.isBeyond(log.times(stretch.segments().get(middle)).sentAt())) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Reads from a segment on until the target; begins one earlier, where a record may begin that
   * ends there.
   */
  private Optional<Place> scan(
      Log log, Candidate candidate, WalStretch stretch, int segment, RecoveryTarget target) {
    var search = new TargetSearch(target, new Lsn(candidate.wal().stop()));
    var records = new WalRecords(log.segment(), search::see);
    int at = Math.max(0, segment - 1);
    List<Segment> segments = stretch.segments();
    List<WalStretch.Slice> slices = new ArrayList<>();
    segments.subList(at, segments.size()).forEach(one -> slices.addAll(one.slices()));
    try (var pieces = new WalPrefetch(log.archive(), slices)) {
      Optional<WalPrefetch.Fetched> piece = pieces.next();
      while (piece.isPresent()
          && search.found().isEmpty()
          && records.state() == WalRecords.State.READING) {
        progress.checkCancelled();
        WalPrefetch.Fetched fetched = piece.get();
        Lsn start =
            new Lsn(fetched.slice().piece().segment() * log.segment() + fetched.slice().from());
        records.add(start, fetched.content().bytes(), fetched.offset(), fetched.length());
        piece = pieces.next();
      }
    }
    if (search.found().isPresent()) {
      WalRecord record = search.found().get();
      long last = record.end().lastSegment(log.segment());
      return Optional.of(new Place((int) (last - segments.getFirst().number()), false));
    }
    boolean isEnd =
        switch (target) {
          case RecoveryTarget.Time time ->
              records.state() != WalRecords.State.BROKEN
                  && !time.at().isAfter(log.coveredUpTo(stretch, candidate.wal()));
          case RecoveryTarget.Position position -> records.hasAllBefore(position.lsn());
          default -> false;
        };
    return Optional.of(new Place(segments.size() - 1, true)).filter(end -> isEnd);
  }

  private static PermanentException tooEarly(List<Candidate> candidates, RecoveryTarget target) {
    String first =
        candidates.isEmpty()
            ? "no snapshot lies on that timeline or on one that it descends from"
            : "the first snapshot there, "
                + candidates.getLast().info().id()
                + ", was complete at "
                + candidates.getLast().wal().stoppedAt()
                + ", at position "
                + new Lsn(candidates.getLast().wal().stop());
    return notCovered("No recovery reaches " + target + ": " + first, HINT);
  }

  private static PermanentException beyond(
      Log log, Candidate newest, Candidate oldest, RecoveryTarget target, boolean anywhere) {
    WalStretch stretch = log.after(newest);
    Candidate from = anywhere ? oldest : newest;
    String until =
        log.reaches(stretch, newest.wal())
            ? stretch.end().toString()
            : new Lsn(newest.wal().stop()).toString();
    return notCovered(
        "No recovery reaches "
            + target
            + (anywhere ? ": it is not in what is covered, " : ": covered is ")
            + "timeline "
            + newest.timeline()
            + " from "
            + from.wal().stoppedAt()
            + " ("
            + new Lsn(from.wal().stop())
            + ", snapshot "
            + from.info().id()
            + ") up to "
            + log.coveredUpTo(stretch, newest.wal())
            + " ("
            + until
            + ")",
        HINT);
  }

  private static PermanentException notCovered(String message, String hint) {
    return new PermanentException(ErrorCode.TARGET_NOT_COVERED, message, hint);
  }
}
