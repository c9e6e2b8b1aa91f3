package io.lifeboat.app;

import io.lifeboat.drill.DrillResult;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import java.security.SecureRandom;
import java.time.Clock;

/** Runs drills by what plans say. */
final class PlanDrills {
  PlanDrills(
      Installation installation, OpenRepositories repositories, Clock clock, SecureRandom random) {}

  DrillResult run(
      Engines.DrillOrder order, Repository repository, SnapshotInfo snapshot, Progress progress) {
    throw new PermanentException(
        ErrorCode.SCRATCH_UNAVAILABLE, "Drills land with the next commit", "Wait for it.");
  }
}
