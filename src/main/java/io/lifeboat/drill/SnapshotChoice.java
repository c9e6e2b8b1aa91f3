package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.Select;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.SnapshotInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a drill's snapshot is chosen from those of a plan. One that is held or damaged is a candidate
 * like any other: a drill is there to find out.
 *
 * @param within only snapshots that were started less than this ago; all where it is empty
 */
public record SnapshotChoice(Select select, Optional<Duration> within) {
  /** What evidence says of a snapshot that nobody chose. */
  public static final String NAMED = "named by operator";

  private static final Comparator<SnapshotInfo> OLDEST_FIRST =
      Comparator.comparing(SnapshotInfo::startedAt).thenComparing(SnapshotInfo::id);

  /**
   * What was chosen.
   *
   * @param how for the evidence, such as {@code random of 17 within P30D}
   */
  public record Made(SnapshotInfo snapshot, String how) {}

  /** As a plan says; the newest where there is no plan, or it says nothing. */
  public static SnapshotChoice of(@Nullable PlanConfig plan) {
    Optional<PlanConfig.Drill> policy = Optional.ofNullable(plan).flatMap(PlanConfig::drill);
    return new SnapshotChoice(
        policy.flatMap(PlanConfig.Drill::select).orElse(Select.newest),
        policy.flatMap(PlanConfig.Drill::within));
  }

  /**
   * As somebody asks for it, in place of what the plan says.
   *
   * @return empty where nothing of it is said
   * @throws PermanentException with code {@code USAGE_INVALID} for what does not go together
   */
  public static Optional<SnapshotChoice> asked(
      Optional<String> snapshot, Optional<Select> select, Optional<Duration> within) {
    if (snapshot.isPresent() && select.isPresent()) {
      throw usage("A snapshot is named, and another is to be chosen");
    }
    if (within.isPresent() && select.filter(which -> which != Select.newest).isEmpty()) {
      throw usage("A time to look back is given, and nothing to choose within it");
    }
    if (within.filter(time -> !time.isPositive()).isPresent()) {
      throw usage("No snapshot is younger than " + within.get());
    }
    return select.map(which -> new SnapshotChoice(which, within));
  }

  private static PermanentException usage(String fact) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        fact,
        "Give a snapshot, or what to select: newest, oldest, random or unproven; the last three"
            + " with a time to look back such as P30D.");
  }

  /**
   * Chooses.
   *
   * @param snapshots all of the plan's, at least one
   * @throws PermanentException with code {@code SNAPSHOT_UNKNOWN} if none is young enough
   */
  public Made among(List<SnapshotInfo> snapshots, Instant now, RandomGenerator random) {
    List<SnapshotInfo> candidates =
        snapshots.stream()
            .filter(info -> isWithin(Duration.between(info.startedAt(), now)))
            .sorted(OLDEST_FIRST)
            .toList();
    if (candidates.isEmpty()) {
      throw noneWithin(snapshots);
    }
    int count = candidates.size();
    return switch (select) {
      case newest -> new Made(candidates.getLast(), "newest");
      case oldest -> new Made(candidates.getFirst(), "oldest kept" + window());
      case random ->
          new Made(candidates.get(random.nextInt(count)), "random of " + count + window());
      case unproven -> unproven(candidates);
    };
  }

  private boolean isWithin(Duration age) {
    return within.map(time -> age.compareTo(time) < 0).orElse(true);
  }

  private Made unproven(List<SnapshotInfo> oldestFirst) {
    List<SnapshotInfo> never = oldestFirst.stream().filter(info -> info.proof().isEmpty()).toList();
    if (!never.isEmpty()) {
      return new Made(
          never.getFirst(),
          "oldest of " + never.size() + " never drilled, of " + oldestFirst.size() + window());
    }
    return new Made(
        oldestFirst.stream()
            .min(Comparator.comparing(info -> info.proof().orElseThrow().at()))
            .orElseThrow(),
        "drilled longest ago of " + oldestFirst.size() + window());
  }

  private String window() {
    return within.map(time -> " within " + days(time)).orElse("");
  }

  private PermanentException noneWithin(List<SnapshotInfo> snapshots) {
    SnapshotInfo newest = snapshots.stream().max(OLDEST_FIRST).orElseThrow();
    return new PermanentException(
        ErrorCode.SNAPSHOT_UNKNOWN,
        "Plan "
            + newest.plan()
            + " has no snapshot"
            + window()
            + "; the newest of its "
            + snapshots.size()
            + " is "
            + newest.id()
            + ", started "
            + newest.startedAt(),
        "Look further back, or take a backup.");
  }

  /** As it is written in a plan: {@code P30D}, where Java says {@code PT720H}. */
  private static String days(Duration time) {
    return time.toDaysPart() > 0 && time.equals(Duration.ofDays(time.toDays()))
        ? "P" + time.toDays() + "D"
        : time.toString();
  }
}
