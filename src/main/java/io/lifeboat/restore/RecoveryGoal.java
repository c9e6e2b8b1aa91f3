package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.RecoveryTarget;
import io.lifeboat.postgres.RecoveryTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A point in time that somebody wants a cluster to be as of. */
public record RecoveryGoal(RecoveryTarget target, RecoveryTimeline timeline) {
  /** A snapshot as it is. */
  public static RecoveryGoal snapshotItself() {
    return new RecoveryGoal(new RecoveryTarget.Immediate(), new RecoveryTimeline.OfSnapshot());
  }

  /**
   * How it is asked for: one of the first five at most.
   *
   * @param timeline {@code latest}, {@code snapshot} or a number; alone it means its end
   * @param exclusive stop just before the target
   */
  public record Words(
      Optional<String> at,
      Optional<String> lsn,
      Optional<String> xid,
      Optional<String> restorePoint,
      boolean immediate,
      Optional<String> timeline,
      boolean exclusive) {}

  /**
   * What is asked for; empty if nothing is.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static Optional<RecoveryGoal> of(Words words) {
    boolean inclusive = !words.exclusive();
    List<RecoveryTarget> targets = new ArrayList<>();
    words
        .at()
        .map(RecoveryTarget::instant)
        .ifPresent(at -> targets.add(new RecoveryTarget.Time(at, inclusive)));
    words
        .lsn()
        .map(RecoveryTarget::position)
        .ifPresent(lsn -> targets.add(new RecoveryTarget.Position(lsn, inclusive)));
    words
        .xid()
        .map(RecoveryGoal::xid)
        .ifPresent(xid -> targets.add(new RecoveryTarget.Transaction(xid, inclusive)));
    words.restorePoint().ifPresent(name -> targets.add(new RecoveryTarget.RestorePoint(name)));
    if (words.immediate()) {
      targets.add(new RecoveryTarget.Immediate());
    }
    if (targets.size() > 1) {
      throw invalid(
          "More than one point in time is asked for",
          "Give one of: a time, a position, a transaction, a restore point, 'immediate'.");
    }
    if (targets.isEmpty() && words.timeline().isPresent()) {
      targets.add(new RecoveryTarget.Latest());
    }
    if (words.exclusive()
        && targets.stream()
            .noneMatch(target ->
                target instanceof RecoveryTarget.Time
                    || target instanceof RecoveryTarget.Position
                    || target instanceof RecoveryTarget.Transaction)) {
      throw invalid(
          "'exclusive' says something about a time, a position or a transaction only",
          "Leave it out.");
    }
    RecoveryTimeline timeline =
        words
            .timeline()
            .map(RecoveryTimeline::parse)
            .orElseGet(() ->
                words.immediate()
                    ? new RecoveryTimeline.OfSnapshot()
                    : new RecoveryTimeline.Newest());
    return targets.stream().findFirst().map(target -> new RecoveryGoal(target, timeline));
  }

  private static long xid(String text) {
    try {
      long xid = Long.parseLong(text);
      if (xid >= 3) {
        return xid;
      }
    } catch (NumberFormatException e) {
      throw noTransaction(text, e);
    }
    throw noTransaction(text, new NumberFormatException("below the first transaction's"));
  }

  private static PermanentException noTransaction(String text, NumberFormatException e) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        "'" + text + "' is no transaction's number",
        "Give what pg_current_xact_id() answered, a number of 3 or more.",
        e);
  }

  private static PermanentException invalid(String message, String hint) {
    return new PermanentException(ErrorCode.USAGE_INVALID, message, hint);
  }
}
