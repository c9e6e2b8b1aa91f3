package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.PointInTime;
import io.lifeboat.restore.RecoveryGoal;
import io.lifeboat.restore.RecoveryPlan;
import io.lifeboat.restore.RecoveryRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Points in time that sources can be brought back to, over all repositories. Thread-safe. */
final class Recoveries {
  private final OpenRepositories repositories;

  Recoveries(OpenRepositories repositories) {
    this.repositories = repositories;
  }

  /** How one is reached, and where what it needs lies. */
  record Way(Repository repository, RecoveryPlan plan) {}

  /**
   * Finds the way: in an original, if it is there.
   *
   * @param snapshot the one to begin with; empty for the one that fits
   * @throws PermanentException with codes {@code SNAPSHOT_UNKNOWN}, {@code TARGET_NOT_COVERED}, or
   *     what a repository says of an object that it cannot read
   */
  Way find(String source, Optional<String> snapshot, RecoveryGoal goal, Progress progress) {
    List<PermanentException> refusals = new ArrayList<>();
    Predicate<SnapshotInfo> wanted =
        info ->
            info.source().equals(source) && snapshot.map(id -> id.equals(info.id())).orElse(true);
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      List<SnapshotInfo> snapshots =
          repository.listing().snapshots().stream().filter(wanted).toList();
      if (!snapshots.isEmpty()) {
        try {
          RecoveryPlan plan =
              new PointInTime(repository, progress).plan(snapshots, goal.target(), goal.timeline());
          return new Way(repository, plan);
        } catch (PermanentException e) {
          if (e.code() != ErrorCode.TARGET_NOT_COVERED) {
            throw e;
          }
          refusals.add(e);
        }
      }
    }
    throw refusals.stream()
        .findFirst()
        .orElseGet(() ->
            new PermanentException(
                ErrorCode.SNAPSHOT_UNKNOWN,
                "There is no snapshot "
                    + snapshot.map(id -> id + " ").orElse("")
                    + "of source "
                    + source,
                "`lifeboat snapshots` lists what there is."));
  }

  /** What is covered of a source, in the first repository that has snapshots of it. */
  List<RecoveryRange> ranges(String source, Progress progress) {
    List<RecoveryRange> ranges = new ArrayList<>();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      List<SnapshotInfo> snapshots =
          repository.listing().snapshots().stream()
              .filter(info -> info.source().equals(source))
              .toList();
      if (ranges.isEmpty()) {
        ranges.addAll(new PointInTime(repository, progress).ranges(snapshots));
      }
    }
    return ranges;
  }
}
