package io.lifeboat.operation;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.drill.CheckResult;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.ControlResult;
import io.lifeboat.drill.Damage;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.drill.ProofBasis;
import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.drill.Verdict;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.CondemnedPacks;
import io.lifeboat.repository.Maintenance;
import io.lifeboat.repository.PackTally;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.StoreProof;
import io.lifeboat.repository.Verification;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.retention.PruneResult;
import io.lifeboat.retention.PruneWork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Engines whose work takes as long as a test says: each run announces itself, then waits to be let
 * on or cancelled.
 */
public final class FakeEngines implements Engines {
  /** What began, as text. */
  public final BlockingQueue<String> begun = new LinkedBlockingQueue<>();

  /** One permit lets one run end. */
  public final Semaphore mayEnd = new Semaphore(0);

  /** What {@link #snapshots} answers. */
  public final List<SnapshotInfo> snapshots = new CopyOnWriteArrayList<>();

  /** Engines that never wait. */
  public static FakeEngines quick() {
    var engines = new FakeEngines();
    engines.mayEnd.release(Integer.MAX_VALUE / 2);
    return engines;
  }

  @Override
  public BackupResult backup(BackupOrder order, Progress progress) {
    work(
        "backup "
            + order.plan()
            + String.join("", order.tags().stream().map(" #"::concat).toList()),
        progress);
    return new BackupResult(
        "snap-1",
        1000,
        100,
        300,
        200,
        10,
        5,
        Duration.ofSeconds(2),
        List.of("One file was left out"),
        Optional.empty(),
        Optional.empty(),
        new StoreProof(Verification.Depth.L1, 3, 100, 0, 0, 7, List.of(), Duration.ofMillis(500)));
  }

  @Override
  public RestoreResult restore(RestoreOrder order, Progress progress) {
    work("restore " + order.source() + " to " + order.target(), progress);
    return new RestoreResult(
        "snap-1", new RestoreEngine.Restored(1000, 10, 0, 0), Duration.ofSeconds(3), List.of());
  }

  @Override
  public DrillResult drill(DrillOrder order, Progress progress) {
    work(
        "drill "
            + order.plan()
            + " "
            + order.drill()
            + order.choice().map(choice -> " " + choice.select()).orElse(""),
        progress);
    return new DrillResult(
        order.drill(),
        "snap-1",
        Verdict.PASS,
        Optional.of(ProofLevel.L6),
        Duration.ofSeconds(42),
        Optional.of(Duration.ofSeconds(7)),
        List.of(),
        Map.of("restore", Duration.ofSeconds(30)),
        List.of(
            new CheckResult("BOOT-1", ProofLevel.L4, Verdict.PASS, "it does not boot", "booted")),
        "evidence/" + order.drill(),
        "newest");
  }

  /** What negative controls come to. */
  public volatile ControlResult.Outcome controlled = ControlResult.Outcome.FOUND;

  @Override
  public ControlReport controls(ControlOrder order, Progress progress) {
    work("controls " + order.plan(), progress);
    return new ControlReport(
        order.plan(),
        "snap-1",
        List.of(
            new ControlResult(Damage.FLIPPED_BIT, controlled, "OBJ-1 was looked at", List.of())));
  }

  @Override
  public ObjectResult restoreObject(ObjectRestore order, Progress progress) {
    work("restore object of " + order.source(), progress);
    return new ObjectResult(
        "snapshot",
        new RestoreResult.Recovery("then", 1, Instant.EPOCH),
        order.object().destination().toString(),
        OptionalLong.of(3),
        30,
        Duration.ofSeconds(1));
  }

  /** Why snapshots are held, by their ids. */
  public final Map<String, String> held = new ConcurrentHashMap<>();

  /** What prunes could not delete. */
  public final List<String> refused = new CopyOnWriteArrayList<>();

  /** What verifications find. */
  public final List<String> problems = new CopyOnWriteArrayList<>();

  @Override
  public PruneResult prune(PruneOrder order, Progress progress) {
    work((order.dryRun() ? "look at " : "prune ") + order.repository(), progress);
    return new PruneResult(
        List.of(),
        new PruneWork(
            new Maintenance.Repacked(new PackTally(1, 900), 700),
            new Maintenance.Condemned(2, 2000, 0),
            1,
            new Maintenance.Deleted(1, 1000, refused),
            new CondemnedPacks(
                new PackTally(0, 0),
                new PackTally(3, 3000),
                Optional.of(Instant.parse("2026-12-01T00:00:00Z"))),
            new Maintenance.DeletedWal(0, 0, List.of())),
        List.of(),
        List.of(),
        order.dryRun());
  }

  @Override
  public VerifyReport verify(String repository, VerifyOrder order, Progress progress) {
    work("verify " + repository + " " + order.depth() + " " + order.share(), progress);
    return new VerifyReport(
        order.depth().name(),
        7,
        7000,
        2,
        problems,
        List.of("No index segment names one pack"),
        new VerifyReport.Coverage(4, 2, 4000, 2000, 3));
  }

  @Override
  public List<Listed> listed(Optional<String> source) {
    return snapshots.stream()
        .filter(s -> source.isEmpty() || s.source().equals(source.get()))
        .map(s ->
            new Listed(
                s,
                List.of("local"),
                Optional.ofNullable(held.get(s.id())),
                ProofStanding.of(
                    s,
                    ProofBasis.of(null, Set.of(), List.of(s)),
                    Instant.parse("2026-03-02T00:00:00Z"))))
        .toList();
  }

  @Override
  public List<ProofCoverage> proofs(Optional<String> plan) {
    return List.of(
        ProofCoverage.of(
            plan.orElse("books-plan"), "books", listed(Optional.empty()), Optional.empty()));
  }

  @Override
  public byte[] evidence(String drill) {
    if (drill.equals("dr_unknown")) {
      throw new PermanentException(
          ErrorCode.EVIDENCE_UNKNOWN, "There is no drill " + drill, "Look at the list.");
    }
    return ("{\"drill\":\"" + drill + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String evidencePage(String drill) {
    return "<!DOCTYPE html>" + new String(evidence(drill), StandardCharsets.UTF_8);
  }

  /** A snapshot that a drill proved. */
  public static SnapshotInfo snapshot(String id, String source, Instant at) {
    var proof = new SnapshotInfo.Proof("dr_1", "PASS", "L6", at.plusSeconds(60));
    return new SnapshotInfo(
        id,
        source,
        "files",
        source + "-plan",
        at.minusSeconds(9),
        at,
        5000,
        400,
        12,
        Optional.of(proof),
        List.of("monthly"),
        Optional.empty());
  }

  private void work(String what, Progress progress) {
    progress.phase("read");
    progress.expect(1000);
    begun.add(what);
    try {
      while (!mayEnd.tryAcquire(5, TimeUnit.MILLISECONDS)) {
        progress.checkCancelled();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(ErrorCode.CANCELLED, "Interrupted", "-", e);
    }
    progress.advance(1000, 10);
  }
}
