package io.lifeboat.retention;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.repository.LoggedSnapshot;
import io.lifeboat.repository.SnapshotInfo.Proof;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides what is kept. Whatever the rules say, these stay: the newest snapshot that each writer
 * made of a source, the newest proven one, held ones, those whose two times disagree, and those of
 * plans that say nothing about retention.
 */
final class Retention {
  /** Beyond this a snapshot's two clocks tell different stories, and a person has to look. */
  private static final Duration CLOCKS_DIFFER = Duration.ofDays(1);

  private final Map<String, PlanConfig> plans;
  private final Instant now;
  private final int mostForgotten;
  private final boolean trustStoreTimes;

  /**
   * Rules of these plans.
   *
   * @param now by the store's clock
   * @param mostForgotten how many snapshots one run may forget
   * @param trustStoreTimes whether somebody has looked at snapshots whose times disagree
   */
  Retention(
      Map<String, PlanConfig> plans, Instant now, int mostForgotten, boolean trustStoreTimes) {
    this.plans = plans;
    this.now = now;
    this.mostForgotten = mostForgotten;
    this.trustStoreTimes = trustStoreTimes;
  }

  /** Snapshots that compete with each other for the places that rules give. */
  private record Group(String plan, String source, String writer) {}

  /**
   * A decision for each snapshot, in the order of the log.
   *
   * @param oldestFirst all snapshots of the repository, in the order of the log
   */
  List<Decision> decide(List<LoggedSnapshot> oldestFirst) {
    Map<String, String> reasons = new HashMap<>(byRules(oldestFirst));
    reasons.putAll(inAnyCase(oldestFirst));
    var decisions = new ArrayList<Decision>();
    int forgotten = 0;
    for (LoggedSnapshot snapshot : oldestFirst) {
      String because = reasons.get(snapshot.info().id());
      if (because != null) {
        decisions.add(Decision.keep(snapshot, because));
      } else if (forgotten == mostForgotten) {
        decisions.add(
            Decision.keep(snapshot, "one run forgets at most " + mostForgotten + " snapshots"));
      } else {
        forgotten++;
        decisions.add(
            Decision.forget(snapshot, "no rule of plan " + snapshot.info().plan() + " keeps it"));
      }
    }
    return decisions;
  }

  private Map<String, String> byRules(List<LoggedSnapshot> oldestFirst) {
    Map<Group, List<LoggedSnapshot>> groups = new LinkedHashMap<>();
    for (LoggedSnapshot snapshot : oldestFirst.reversed()) {
      var group = new Group(snapshot.info().plan(), snapshot.info().source(), snapshot.writer());
      groups.computeIfAbsent(group, any -> new ArrayList<>()).add(snapshot);
    }
    Map<String, String> reasons = new HashMap<>();
    groups.forEach((group, newestFirst) -> reasons.putAll(byRules(group, newestFirst)));
    return reasons;
  }

  private Map<String, String> byRules(Group group, List<LoggedSnapshot> newestFirst) {
    PlanConfig plan = plans.get(group.plan());
    if (plan == null || plan.retention().isEmpty()) {
      String because =
          plan == null
              ? "no plan " + group.plan() + " of this configuration uses this repository"
              : "plan " + group.plan() + " says nothing about retention";
      Map<String, String> reasons = new HashMap<>();
      newestFirst.forEach(snapshot -> reasons.put(snapshot.info().id(), because));
      return reasons;
    }
    ZoneId zone = plan.schedule().flatMap(PlanConfig.Schedule::zone).orElse(ZoneOffset.UTC);
    return new RetentionRules(plan.retention().get(), zone, now).reasons(newestFirst);
  }

  private Map<String, String> inAnyCase(List<LoggedSnapshot> oldestFirst) {
    Map<String, String> reasons = new HashMap<>();
    Set<Group> sources = new HashSet<>();
    Set<Group> passed = new HashSet<>();
    Set<Group> proven = new HashSet<>();
    for (LoggedSnapshot snapshot : oldestFirst.reversed()) {
      String id = snapshot.info().id();
      String source = snapshot.info().source();
      var of = new Group("", source, snapshot.writer());
      if (clocksDiffer(snapshot)) {
        reasons.put(
            id,
            "its writer says that it ended at "
                + snapshot.info().finishedAt()
                + " and was signed at "
                + snapshot.signedAt()
                + ", the store "
                + snapshot.storedAt()
                + ": find out why, then use --trust-store-times");
      }
      Optional<Proof> last = snapshot.info().proof();
      // A drill that could not tell takes nothing from the one before it, nor does it let go of
      // what was kept for its sake.
      boolean newestPass = isPass(last) && passed.add(of);
      boolean newestTold = isPass(last.flatMap(Proof::told)) && proven.add(of);
      if (newestPass || newestTold) {
        reasons.put(id, "the newest proven one of " + source);
      }
      if (sources.add(of)) {
        reasons.put(id, "the newest of " + source);
      }
      snapshot.hold().ifPresent(why -> reasons.put(id, "held: " + why));
    }
    return reasons;
  }

  /** However old it is, and whatever was changed since: a proof of before is better than none. */
  private static boolean isPass(Optional<Proof> proof) {
    return proof.filter(drill -> drill.verdict().equals("PASS")).isPresent();
  }

  private boolean clocksDiffer(LoggedSnapshot snapshot) {
    return !trustStoreTimes
        && Stream.of(snapshot.signedAt(), snapshot.info().finishedAt())
            .map(said -> Duration.between(said, snapshot.storedAt()).abs())
            .anyMatch(apart -> apart.compareTo(CLOCKS_DIFFER) > 0);
  }

  /** What is forgotten, oldest first. */
  static List<String> forgotten(List<Decision> decisions) {
    return decisions.stream()
        .filter(decision -> !decision.keep())
        .sorted(Comparator.comparing(decision -> decision.snapshot().storedAt()))
        .map(Decision::id)
        .toList();
  }
}
