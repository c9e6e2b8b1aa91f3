package io.lifeboat.drill;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.drill.scratch.ScratchRequest;
import io.lifeboat.drill.scratch.Startup;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RecoverySettings;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RecoveringTarget;
import io.lifeboat.restore.RecoveryPlan;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.restore.RestoreSelection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Brings one database or table back as of a point in time: a scratch copy of the whole cluster
 * recovers to it, what is wanted is taken out, and the scratch is removed. Thread-safe.
 */
public final class ObjectRecovery {
  private static final Duration PATIENCE = Duration.ofHours(24);
  private static final int LOG_LINES = 5;

  private final ScratchFactory scratches;
  private final Clock clock;

  /** Recovers in these scratches. */
  public ObjectRecovery(ScratchFactory scratches, Clock clock) {
    this.scratches = scratches;
    this.clock = clock;
  }

  /** What was written. */
  private record Written(String destination, OptionalLong rows, long bytes) {}

  /**
   * Does it.
   *
   * @throws io.lifeboat.error.LifeboatException {@code TARGET_NOT_EMPTY} before anything was done,
   *     {@code PROGRAMS_MISSING} if there is no {@code pg_dump} and one is needed, {@code
   *     SCRATCH_UNAVAILABLE}, {@code RECOVERY_FAILED}, {@code PATH_UNKNOWN}, or what the repository
   *     or the destination says
   */
  public ObjectResult run(
      ObjectOrder order, SnapshotReader snapshot, RecoveryPlan plan, Progress progress) {
    Instant started = clock.instant();
    requireAbsent(order);
    ClusterFacts facts = ClusterFacts.fromJson(snapshot.root().facts());
    var request =
        new ScratchRequest(
            order.id(),
            order.scratch().kind().orElseGet(() -> unsaid(order.scratch())),
            order.scratch().image(),
            order.scratch().programs(),
            facts);
    scratches.requireRoom(request.kind(), plan.snapshot().sizeBytes());
    Written written;
    try (PostgresScratch scratch = scratches.postgres(request)) {
      if (order.needsDump()) {
        scratch.requireDump();
      }
      recover(scratch, snapshot, plan, facts, progress);
      progress.phase("extract");
      written = extract(order, scratch);
    }
    return new ObjectResult(
        plan.snapshot().id(),
        RestoreResult.Recovery.of(plan),
        written.destination(),
        written.rows(),
        written.bytes(),
        Duration.between(started, clock.instant()));
  }

  private ScratchKind unsaid(ObjectOrder.Place place) {
    return place.programs().isPresent() && place.image().isEmpty()
        ? ScratchKind.process
        : scratches.preferredKind();
  }

  private static void requireAbsent(ObjectOrder order) {
    switch (order.destination()) {
      case ObjectDestination.File file -> NewFile.requireAbsent(path(order, file));
      case ObjectDestination.Server server -> new TableLoad(server).requireAbsent();
    }
  }

  private static void recover(
      PostgresScratch scratch,
      SnapshotReader snapshot,
      RecoveryPlan plan,
      ClusterFacts facts,
      Progress progress) {
    progress.expect(plan.snapshot().sizeBytes());
    RecoverySettings settings;
    try (var target = new RecoveringTarget(scratch.target(), plan, facts.floors(), progress)) {
      new RestoreEngine().restore(snapshot, RestoreSelection.everything(), target, progress);
      settings = target.settings();
    }
    progress.phase("recover");
    switch (scratch.recover(settings, PATIENCE, progress)) {
      case Startup.Ready ready -> {}
      case Startup.Ended ended -> throw failed(plan, "it ended", ended.log());
      case Startup.TimedOut late -> throw failed(plan, "it took too long", late.log());
    }
  }

  private static PermanentException failed(RecoveryPlan plan, String what, List<String> log) {
    return new PermanentException(
        ErrorCode.RECOVERY_FAILED,
        "The scratch copy did not recover to "
            + plan.target()
            + ": "
            + what
            + ". Its last words: "
            + String.join(" | ", log.subList(Math.max(0, log.size() - LOG_LINES), log.size())),
        "Restore the cluster to a folder and look at its log; `lifeboat drill` says whether"
            + " snapshots start at all.");
  }

  private static Written extract(ObjectOrder order, PostgresScratch scratch) {
    order.table().ifPresent(name -> new ScratchTable(scratch, order.database(), name).require());
    return switch (order.destination()) {
      case ObjectDestination.File file -> toFile(order, file, scratch);
      case ObjectDestination.Server server -> {
        var table = new ScratchTable(scratch, order.database(), order.table().orElseThrow());
        long rows = new TableLoad(server).run(table.definition(), out -> table.copy("", out));
        yield new Written(
            server.name() + " in " + server.address().place() + "/" + server.address().database(),
            OptionalLong.of(rows),
            0);
      }
    };
  }

  private static Written toFile(
      ObjectOrder order, ObjectDestination.File destination, PostgresScratch scratch) {
    Path path = path(order, destination);
    try (var file = new NewFile(path)) {
      OptionalLong rows = OptionalLong.empty();
      switch (destination.format()) {
        case csv ->
            rows =
                OptionalLong.of(
                    new ScratchTable(scratch, order.database(), order.table().orElseThrow())
                        .copy(" (FORMAT csv, HEADER)", file.out()));
        case sql -> scratch.dump(order.database(), options(order, "plain"), file.out());
        case custom -> scratch.dump(order.database(), options(order, "custom"), file.out());
      }
      return new Written(path.toString(), rows, file.publish());
    }
  }

  private static List<String> options(ObjectOrder order, String format) {
    List<String> options = new ArrayList<>(List.of("--format=" + format));
    order.table().ifPresent(name -> options.add("--table=" + name.quoted()));
    return options;
  }

  /** The file itself; within a folder that is there, one named after what is in it. */
  private static Path path(ObjectOrder order, ObjectDestination.File file) {
    if (!Files.isDirectory(file.path())) {
      return file.path();
    }
    String end =
        switch (file.format()) {
          case csv -> ".csv";
          case sql -> ".sql";
          case custom -> ".dump";
        };
    String name = order.database() + order.table().map(table -> "." + table).orElse("") + end;
    return file.path().resolve(name.replace('/', '_'));
  }
}
