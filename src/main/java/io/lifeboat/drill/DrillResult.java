package io.lifeboat.drill;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a drill found.
 *
 * @param level the highest level proven: its checks, and those of every level below, passed
 * @param rto from the request to the last check
 * @param rpo from the canary that was found to the start of the backup's end, or empty where there
 *     is none
 * @param phases how long each phase took, in order
 * @param evidence the name of the evidence object in the repository
 */
public record DrillResult(
    String drill,
    String snapshot,
    Verdict verdict,
    Optional<ProofLevel> level,
    Duration rto,
    Optional<Duration> rpo,
    Map<String, Duration> phases,
    List<CheckResult> checks,
    String evidence) {
  /** Copies the lists. */
  public DrillResult {
    phases = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(phases));
    checks = List.copyOf(checks);
  }
}
