package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the checks of one drill found, and what that amounts to. For one thread.
 *
 * <p>Folding: any FAIL makes FAIL, else any ERROR makes ERROR, else a required check that was
 * skipped makes SKIPPED, else PASS; nothing checked at all is an ERROR. The proven level is the
 * highest whose required checks, and those of every level below, passed, and which has at least one
 * that did. Whether a source's newest point is fresh ({@code FRESH-1}) is no matter of this
 * snapshot's: it can fail a drill, and neither proves nor takes away anything.
 */
final class CheckLog {
  private static final int LONGEST_DETAIL = 1000;

  private final Progress progress;
  private final List<CheckResult> results = new ArrayList<>();
  private final Set<ProofLevel> unproven = EnumSet.noneOf(ProofLevel.class);
  private boolean requiredSkipped;

  CheckLog(Progress progress) {
    this.progress = progress;
  }

  void pass(BuiltInCheck check, String detail) {
    add(check, Verdict.PASS, detail);
  }

  void fail(BuiltInCheck check, String detail) {
    add(check, Verdict.FAIL, detail);
  }

  void error(BuiltInCheck check, String detail) {
    add(check, Verdict.ERROR, detail);
  }

  /** What had to be checked was not: its level is not proven. */
  void skip(BuiltInCheck check, String reason) {
    requiredSkipped = true;
    unproven.add(check.level());
    add(check, Verdict.SKIPPED, reason);
  }

  /** What only had to be checked where it can be was not. */
  void skipOptional(BuiltInCheck check, String reason) {
    add(check, Verdict.SKIPPED, reason);
  }

  /** A check that nobody required is not proven either. */
  void skipUnproven(BuiltInCheck check, String reason) {
    unproven.add(check.level());
    add(check, Verdict.SKIPPED, reason);
  }

  /**
   * A check could not be brought to its end.
   *
   * @throws LifeboatException if that is because somebody cancelled the drill
   */
  void broken(BuiltInCheck check, LifeboatException e) {
    if (e.code() == ErrorCode.CANCELLED) {
      throw e;
    }
    boolean backupIsBad =
        e.code().kind() == ErrorCode.Kind.INTEGRITY || e.code() == ErrorCode.KEY_MISMATCH;
    add(check, backupIsBad ? Verdict.FAIL : Verdict.ERROR, e.code() + ": " + e.getMessage());
  }

  /** None of the plan's checks goes without a word. */
  void skipMissing(List<PlanConfig.Check> planned, String reason) {
    for (PlanConfig.Check check : planned) {
      if (results.stream().noneMatch(result -> result.id().equals(check.id()))) {
        add(check.id(), Verdict.SKIPPED, check.meaning(), reason);
      }
    }
  }

  /** One of the plan's own. */
  void add(String id, Verdict result, String meaning, String detail) {
    add(new CheckResult(id, ProofLevel.L7, result, meaning, cut(detail)));
  }

  private void add(BuiltInCheck check, Verdict result, String detail) {
    add(new CheckResult(check.id(), check.level(), result, check.meaning(), cut(detail)));
  }

  private void add(CheckResult result) {
    results.add(result);
    progress.advance(0, 1);
    progress.event(result.id() + " " + result.result() + ": " + result.detail());
  }

  List<CheckResult> results() {
    return List.copyOf(results);
  }

  /** Whether something went wrong, so that going on would only repeat it. */
  boolean isSound() {
    return proves() && !has(Verdict.FAIL) && !has(Verdict.ERROR);
  }

  Verdict verdict() {
    if (has(Verdict.FAIL)) {
      return Verdict.FAIL;
    }
    if (has(Verdict.ERROR) || !proves() && !requiredSkipped) {
      return Verdict.ERROR;
    }
    return requiredSkipped ? Verdict.SKIPPED : Verdict.PASS;
  }

  Optional<ProofLevel> level() {
    Optional<ProofLevel> proven = Optional.empty();
    for (ProofLevel level : ProofLevel.values()) {
      List<Verdict> found =
          ofTheSnapshot()
              .filter(result -> result.level() == level)
              .map(CheckResult::result)
              .toList();
      if (unproven.contains(level)
          || found.contains(Verdict.FAIL)
          || found.contains(Verdict.ERROR)) {
        break;
      }
      if (found.contains(Verdict.PASS)) {
        proven = Optional.of(level);
      }
    }
    return proven;
  }

  private Stream<CheckResult> ofTheSnapshot() {
    return results.stream().filter(result -> !result.id().equals(BuiltInCheck.FRESH.id()));
  }

  /** Whether anything held. */
  private boolean proves() {
    return ofTheSnapshot().anyMatch(result -> result.result() == Verdict.PASS);
  }

  private boolean has(Verdict verdict) {
    return results.stream().anyMatch(result -> result.result() == verdict);
  }

  private static String cut(String detail) {
    return detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL) + "…";
  }
}
