package io.lifeboat.app;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.drill.CheckResult;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.operation.ResultFormat;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.StoreProof;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.retention.Decision;
import io.lifeboat.retention.PruneResult;
import io.lifeboat.retention.PruneWork;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The JSON objects that scripts rely on, the same from the command line and in the API's
 * operations: they may be extended, their fields are never renamed.
 */
final class ResultJson implements ResultFormat {
  @Override
  public String backup(String operation, BackupResult result) {
    return Output.toJson(document(operation, result));
  }

  @Override
  public String restore(String operation, RestoreResult result) {
    return Output.toJson(document(operation, result));
  }

  @Override
  public String object(String operation, ObjectResult result) {
    return Output.toJson(document(operation, result));
  }

  @Override
  public String controls(String operation, ControlReport report) {
    return Output.toJson(document(operation, report));
  }

  @Override
  public String drill(String operation, DrillResult result) {
    return Output.toJson(document(operation, result));
  }

  @Override
  public String prune(String operation, PruneResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.putAll(prunes(List.of(result)));
    return Output.toJson(document);
  }

  @Override
  public List<String> sentences(PruneResult result) {
    return PruneSentences.of(result);
  }

  @Override
  public String verify(String operation, VerifyReport report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.putAll(verifications(report.level(), List.of(report)));
    return Output.toJson(document);
  }

  /** Prunes of repositories, together. */
  static Map<String, Object> prunes(List<PruneResult> results) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("dryRun", results.stream().anyMatch(PruneResult::dryRun));
    document.put("removed", decisions(results, PruneResult::removed));
    document.put("kept", decisions(results, PruneResult::kept));
    document.putAll(work(results.stream().map(PruneResult::work).toList()));
    document.put(
        "refused", results.stream().flatMap(result -> result.work().refused().stream()).toList());
    document.put("notes", results.stream().flatMap(result -> result.notes().stream()).toList());
    document.put("alarms", results.stream().flatMap(result -> result.alarms().stream()).toList());
    return document;
  }

  private static Map<String, Object> work(List<PruneWork> all) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("bytesFreed", sum(all, PruneWork::bytesFreed));
    document.put(
        "repacked",
        Map.of(
            "packs", sum(all, work -> work.repacked().originals().packs()),
            "bytesFreed", sum(all, work -> work.repacked().freedBytes())));
    document.put(
        "condemned",
        Map.of(
            "packs", sum(all, work -> work.condemned().packs()),
            "bytes", sum(all, work -> work.condemned().bytes())));
    document.put(
        "deleted",
        Map.of(
            "packs", sum(all, work -> work.deleted().packs()),
            "bytes", sum(all, work -> work.deleted().bytes())));
    document.put(
        "wal",
        Map.of(
            "pieces", sum(all, work -> work.wal().pieces()),
            "bytes", sum(all, work -> work.wal().bytes())));
    Map<String, Object> waiting = new LinkedHashMap<>();
    waiting.put("packs", sum(all, work -> work.left().waiting().packs()));
    waiting.put("bytes", sum(all, work -> work.left().waiting().bytes()));
    all.stream()
        .flatMap(work -> work.left().firstDue().stream())
        .min(Instant::compareTo)
        .ifPresent(first -> waiting.put("firstDue", first));
    document.put("waiting", waiting);
    return document;
  }

  private static List<Map<String, String>> decisions(
      List<PruneResult> results, Function<PruneResult, List<Decision>> which) {
    return results.stream()
        .flatMap(result -> which.apply(result).stream())
        .map(decision -> Map.of("id", decision.id(), "because", decision.because()))
        .toList();
  }

  /** Verifications of repositories, together. */
  static Map<String, Object> verifications(String level, List<VerifyReport> reports) {
    List<String> problems = reports.stream().flatMap(report -> report.problems().stream()).toList();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("verdict", problems.isEmpty() ? "PASS" : "FAIL");
    document.put("level", level);
    document.put("objects", sum(reports, VerifyReport::objects));
    document.put("bytes", sum(reports, VerifyReport::bytes));
    document.put("problems", problems);
    document.put(
        "warnings", reports.stream().flatMap(report -> report.warnings().stream()).toList());
    document.put("coverage", coverage(reports));
    return document;
  }

  private static Map<String, Long> coverage(List<VerifyReport> reports) {
    Map<String, Long> coverage = new LinkedHashMap<>();
    coverage.put("packsTotal", sum(reports, report -> report.coverage().packsTotal()));
    coverage.put("packsVerified", sum(reports, report -> report.coverage().packsVerified()));
    coverage.put("bytesTotal", sum(reports, report -> report.coverage().bytesTotal()));
    coverage.put("bytesVerified", sum(reports, report -> report.coverage().bytesVerified()));
    coverage.put(
        "oldestUnverifiedDays",
        reports.stream()
            .mapToLong(report -> report.coverage().oldestUnverifiedDays())
            .max()
            .orElse(0));
    return coverage;
  }

  private static <T> long sum(List<T> parts, ToLongFunction<T> number) {
    return parts.stream().mapToLong(number).sum();
  }

  /** A backup's. */
  static Map<String, Object> document(String operation, BackupResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("snapshot", result.snapshot());
    document.put("bytesRead", result.bytesRead());
    document.put("bytesStored", result.bytesStored());
    document.put("bytesKnown", result.bytesKnown());
    document.put("bytesReused", result.bytesReused());
    document.put("filesTotal", result.filesTotal());
    document.put("filesRead", result.filesRead());
    document.put("seconds", seconds(result.took()));
    document.put("warnings", result.warnings());
    document.put("damage", result.damage());
    document.put("parent", result.parent());
    document.put("proof", document(result.proof()));
    return document;
  }

  private static Map<String, Object> document(StoreProof proof) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("level", proof.level());
    document.put("packs", proof.packs());
    document.put("bytes", proof.bytes());
    document.put("left", proof.left());
    document.put("leftBytes", proof.leftBytes());
    document.put("older", proof.older());
    document.put(
        "problems",
        proof.problems().stream()
            .map(problem -> Map.of("code", problem.code().name(), "message", problem.sentence()))
            .toList());
    document.put("seconds", seconds(proof.took()));
    return document;
  }

  /** A restore's. */
  static Map<String, Object> document(String operation, RestoreResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("snapshot", result.snapshot());
    document.put("bytes", result.bytes());
    document.put("files", result.files());
    document.put("unchanged", result.restored().unchanged());
    document.put("written", result.restored().written());
    document.put("deleted", result.restored().deleted());
    document.put("bytesFetched", result.restored().fetched());
    document.put("bytesKept", result.restored().kept());
    document.put("seconds", seconds(result.took()));
    result
        .recovery()
        .ifPresent(recovery -> {
          document.put("recoveryTarget", recovery.target());
          document.put("timeline", recovery.timeline());
          document.put("coveredUpTo", recovery.coveredUpTo());
        });
    document.put("notes", result.notes());
    return document;
  }

  /** That of a database's or a table's restore; rows that were not counted are null. */
  static Map<String, Object> document(String operation, ObjectResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("snapshot", result.snapshot());
    document.put("recoveryTarget", result.recovery().target());
    document.put("timeline", result.recovery().timeline());
    document.put("coveredUpTo", result.recovery().coveredUpTo());
    document.put("destination", result.destination());
    document.put("rows", result.rows());
    document.put("bytes", result.bytes());
    document.put("seconds", seconds(result.took()));
    return document;
  }

  /** A drill's. What was not reached or not measured is null. */
  static Map<String, Object> document(String operation, DrillResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("drill", result.drill());
    document.put("snapshot", result.snapshot());
    document.put("selection", result.selection());
    document.put("verdict", result.verdict());
    document.put("level", result.level());
    document.put("rtoSeconds", seconds(result.rto()));
    document.put("rpoSeconds", result.rpo().map(ResultJson::seconds));
    Map<String, Double> phases = new LinkedHashMap<>();
    result.phases().forEach((name, took) -> phases.put(name, seconds(took)));
    document.put("phases", phases);
    document.put("checks", result.checks().stream().map(ResultJson::document).toList());
    document.put("evidence", result.evidence());
    return document;
  }

  /** That of negative controls. */
  static Map<String, Object> document(String operation, ControlReport report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("plan", report.plan());
    document.put("snapshot", report.snapshot());
    document.put("outcome", report.outcome());
    document.put(
        "controls",
        report.results().stream()
            .map(result -> {
              Map<String, Object> control = new LinkedHashMap<>();
              control.put("damage", result.damage().text());
              control.put("check", result.damage().check());
              control.put("outcome", result.outcome());
              control.put("detail", result.detail());
              return control;
            })
            .toList());
    return document;
  }

  private static Map<String, Object> document(CheckResult check) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", check.id());
    document.put("level", check.level());
    document.put("result", check.result());
    document.put("meaning", check.meaning());
    document.put("detail", check.detail());
    return document;
  }

  /** A snapshot's; {@code proof} is null until a drill proved it. */
  static Map<String, Object> document(SnapshotInfo info) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", info.id());
    document.put("source", info.source());
    document.put("plan", info.plan());
    document.put("startedAt", info.startedAt());
    document.put("finishedAt", info.finishedAt());
    document.put("bytes", info.sizeBytes());
    document.put("bytesStored", info.storedBytes());
    document.put("files", info.files());
    document.put("tags", info.tags());
    document.put("proof", info.proof());
    return document;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
