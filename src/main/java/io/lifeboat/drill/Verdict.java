package io.lifeboat.drill;

/** What a drill or a check found. */
public enum Verdict {
  /** Proven. */
  PASS,
  /** The backup is bad. */
  FAIL,
  /** We could not tell: something other than the backup went wrong. */
  ERROR,
  /** Not tried, for a reason that is said. */
  SKIPPED
}
