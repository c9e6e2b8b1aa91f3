package io.lifeboat.drill;

import java.util.List;

/**
 * What came of a drill of a copy that was damaged on purpose.
 *
 * @param detail what the check said that had to find it, or why it could not be tried
 * @param checks all that was checked
 */
public record ControlResult(
    Damage damage, Outcome outcome, String detail, List<CheckResult> checks) {
  /** Copies the checks. */
  public ControlResult {
    checks = List.copyOf(checks);
  }

  /** Whether drills can be believed. */
  public enum Outcome {
    /** The drill failed, by the check that is there for this damage. */
    FOUND,
    /** The drill came to its end, and that check did not fail: what passes proves nothing. */
    MISSED,
    /** It could not be tried, for a reason that has nothing to do with the damage. */
    UNTRIED
  }

  static ControlResult of(Damage damage, Verdict verdict, List<CheckResult> checks) {
    List<CheckResult> named =
        checks.stream().filter(check -> check.id().equals(damage.check())).toList();
    for (CheckResult check : named) {
      if (check.result() == Verdict.FAIL) {
        return new ControlResult(damage, Outcome.FOUND, check.detail(), checks);
      }
    }
    if (verdict == Verdict.ERROR) {
      String why =
          checks.stream()
              .filter(check -> check.result() == Verdict.ERROR)
              .map(check -> check.id() + ": " + check.detail())
              .findFirst()
              .orElse("nothing was checked");
      return new ControlResult(damage, Outcome.UNTRIED, why, checks);
    }
    String said =
        named.stream()
            .findFirst()
            .map(check -> damage.check() + " was " + check.result() + ": " + check.detail())
            .orElse(damage.check() + " was not made; the verdict was " + verdict);
    return new ControlResult(damage, Outcome.MISSED, said, checks);
  }

  static ControlResult untried(Damage damage, String why) {
    return new ControlResult(damage, Outcome.UNTRIED, why, List.of());
  }
}
