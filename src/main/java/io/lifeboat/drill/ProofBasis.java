package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.repository.DrillSummary.Terms;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotInfo.Proof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a plan's drills are made by now: what the proofs of its snapshots are held against.
 *
 * @param planDigest of what the plan asks for; empty where no such plan is configured, as with
 *     nothing but a bucket and a kit
 * @param provenWithin how long a proof counts that does not say so itself
 * @param readers fingerprints of those who can read what is stored from now on
 * @param drills what the plan's drills were made by, newest first
 */
public record ProofBasis(
    Optional<String> planDigest,
    Optional<Duration> provenWithin,
    Set<String> readers,
    List<Terms> drills) {
  private static final Pattern MAJOR = Pattern.compile("postgres (\\d+)");

  /** Copies the sets. */
  public ProofBasis {
    readers = Set.copyOf(readers);
    drills = List.copyOf(drills);
  }

  /**
   * Of a plan.
   *
   * @param plan as it is configured now
   * @param snapshots all of the plan's
   */
  public static ProofBasis of(
      @Nullable PlanConfig plan, Set<String> readers, Collection<SnapshotInfo> snapshots) {
    Optional<PlanConfig> configured = Optional.ofNullable(plan);
    return new ProofBasis(
        configured.map(PlanDigest::of),
        configured.flatMap(PlanConfig::objectives).flatMap(PlanConfig.Objectives::provenWithin),
        readers,
        snapshots.stream()
            .flatMap(info -> info.proof().stream())
            .sorted(Comparator.comparing(Proof::at).reversed())
            .flatMap(proof -> proof.terms().stream())
            .toList());
  }

  /**
   * What is another now than it was for a proof, a clause each.
   *
   * <p>What image and which server a drill would get now is what the plan's newest drill got: an
   * image of the same major version, as a physical snapshot is bound to its own; a dump is loaded
   * into whatever is there, so for one it is the major version that counts.
   */
  List<String> changesSince(Terms proven, SnapshotInfo info) {
    List<String> changes = new ArrayList<>();
    if (planDigest.filter(now -> !now.equals(proven.planDigest())).isPresent()) {
      changes.add("the plan's checks, or what else it asks of a drill, have changed");
    }
    if (!proven.keys().isEmpty() && Collections.disjoint(proven.keys(), readers)) {
      changes.add("none of the keys that read it is a recipient now");
    }
    boolean dump = info.sourceType().equals(LogicalLayout.TYPE);
    Optional<Integer> major = major(proven);
    if (!dump && !proven.image().isEmpty()) {
      drills.stream()
          .filter(drill -> !drill.image().isEmpty() && major(drill).equals(major))
          .findFirst()
          .filter(newest -> !newest.image().equals(proven.image()))
          .ifPresent(newest ->
              changes.add("the image has changed: drills run in " + newest.image() + " now"));
    }
    if (dump && major.isPresent()) {
      drills.stream()
          .flatMap(drill -> major(drill).stream())
          .findFirst()
          .filter(newest -> !newest.equals(major.get()))
          .ifPresent(newest ->
              changes.add(
                  "the major version has changed: drills run PostgreSQL "
                      + newest
                      + " now, this one ran "
                      + major.get()));
    }
    return changes;
  }

  private static Optional<Integer> major(Terms drill) {
    Matcher said = MAJOR.matcher(drill.server());
    return said.lookingAt() ? Optional.of(Integer.valueOf(said.group(1))) : Optional.empty();
  }
}
