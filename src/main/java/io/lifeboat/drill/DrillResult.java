package io.lifeboat.drill;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a drill found.
 *
 * @param level the highest level proven: its checks, and those of every level below, passed
 * @param rto from the request to the last check, waiting included; removing the scratch is not part
 *     of it
 * @param rpo how much older than the end of the backup the newest row is that was proven to be in
 *     it: what would have been lost had the source died at that moment. Measured by the canary that
 *     was found; empty where there is none
 * @param objectives those of the plan, judged
 * @param phases how long each phase took, in order
 * @param evidence the name of the evidence object in the repository
 * @param selection how the snapshot came to be chosen
 */
public record DrillResult(
    String drill,
    String snapshot,
    Verdict verdict,
    Optional<ProofLevel> level,
    Duration rto,
    Optional<Duration> rpo,
    List<ObjectiveResult> objectives,
    Map<String, Duration> phases,
    List<CheckResult> checks,
    String evidence,
    String selection) {
  /** Copies the lists. */
  public DrillResult {
    objectives = List.copyOf(objectives);
    phases = Collections.unmodifiableMap(new LinkedHashMap<>(phases));
    checks = List.copyOf(checks);
  }
}
