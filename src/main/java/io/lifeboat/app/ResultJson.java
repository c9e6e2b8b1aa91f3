package io.lifeboat.app;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.drill.CheckResult;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.operation.ResultFormat;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.RestoreResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

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
  public String drill(String operation, DrillResult result) {
    return Output.toJson(document(operation, result));
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
    document.put("notes", result.notes());
    return document;
  }

  /** A drill's. What was not reached or not measured is null. */
  static Map<String, Object> document(String operation, DrillResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", operation);
    document.put("drill", result.drill());
    document.put("snapshot", result.snapshot());
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
    document.put("proof", info.proof());
    return document;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
