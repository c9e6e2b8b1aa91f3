package io.lifeboat.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.drill.CheckResult;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.operation.ResultFormat;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.RestoreResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON objects of DESIGN section 9, which scripts rely on: extend them, never rename. The API
 * shows the same in an operation's {@code result}.
 */
final class ResultJson implements ResultFormat {
  private final ObjectMapper mapper = new ObjectMapper();

  @Override
  public String backup(String operation, BackupResult result) {
    var json = new LinkedHashMap<String, Object>();
    json.put("operation", operation);
    json.put("snapshot", result.snapshot());
    json.put("bytesRead", result.bytesRead());
    json.put("bytesStored", result.bytesStored());
    json.put("filesTotal", result.filesTotal());
    json.put("filesRead", result.filesRead());
    json.put("seconds", seconds(result.took()));
    json.put("warnings", result.warnings());
    return text(json);
  }

  @Override
  public String restore(String operation, RestoreResult result) {
    var json = new LinkedHashMap<String, Object>();
    json.put("operation", operation);
    json.put("snapshot", result.snapshot());
    json.put("bytes", result.bytes());
    json.put("files", result.files());
    json.put("seconds", seconds(result.took()));
    json.put("notes", result.notes());
    return text(json);
  }

  @Override
  public String drill(String operation, DrillResult result) {
    var json = new LinkedHashMap<String, Object>();
    json.put("operation", operation);
    json.put("drill", result.drill());
    json.put("snapshot", result.snapshot());
    json.put("verdict", result.verdict().name());
    result.level().ifPresent(level -> json.put("level", level.name()));
    json.put("rtoSeconds", seconds(result.rto()));
    result.rpo().ifPresent(rpo -> json.put("rpoSeconds", seconds(rpo)));
    var phases = new LinkedHashMap<String, Double>();
    result.phases().forEach((phase, took) -> phases.put(phase, seconds(took)));
    json.put("phaseSeconds", phases);
    json.put("checks", result.checks().stream().map(ResultJson::check).toList());
    json.put("evidence", result.evidence());
    return text(json);
  }

  /** A list of snapshots. */
  String snapshots(List<SnapshotInfo> snapshots) {
    return text(snapshots.stream().map(ResultJson::snapshot).toList());
  }

  private static Map<String, Object> snapshot(SnapshotInfo info) {
    var json = new LinkedHashMap<String, Object>();
    json.put("id", info.id());
    json.put("source", info.source());
    json.put("plan", info.plan());
    json.put("startedAt", info.startedAt().toString());
    json.put("finishedAt", info.finishedAt().toString());
    json.put("bytes", info.sizeBytes());
    json.put("bytesStored", info.storedBytes());
    json.put("files", info.files());
    info.proof()
        .ifPresent(proof ->
            json.put(
                "proof",
                Map.of(
                    "drill", proof.drill(),
                    "level", proof.level(),
                    "at", proof.at().toString(),
                    "verdict", proof.verdict())));
    return json;
  }

  private static Map<String, Object> check(CheckResult check) {
    var json = new LinkedHashMap<String, Object>();
    json.put("id", check.id());
    json.put("level", check.level().name());
    json.put("result", check.result().name());
    json.put("meaning", check.meaning());
    json.put("detail", check.detail());
    return json;
  }

  /** Any value as JSON. */
  String text(Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Maps of texts and numbers are always JSON", e);
    }
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
