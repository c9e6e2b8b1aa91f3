package io.lifeboat.drill;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.repository.EvidenceLink;
import io.lifeboat.repository.SnapshotInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The evidence of a drill: one JSON object on one line, its keys sorted, without spaces, so that
 * there is one text for one content; signed as {@link SignedText} for the purpose {@value
 * #PURPOSE}.
 *
 * @param link its place among the evidence of the repository: none can be taken away unnoticed
 */
record EvidenceRecord(
    DrillRequest request, SnapshotInfo info, DrillOutcome outcome, EvidenceLink link) {
  static final String SCHEMA = "lifeboat.evidence.v2";

  /** Of before records were a chain: {@code prev} is a hash of what only the repository has. */
  static final String UNCHAINED_SCHEMA = "lifeboat.evidence.v1";

  static final String PURPOSE = "evidence";

  static byte[] sign(String document, SigningKey signer) {
    return SignedText.sign(PURPOSE, document, signer);
  }

  String toJson() {
    Map<String, Object> record = new TreeMap<>();
    record.put("schema", SCHEMA);
    record.put("drill", text(request.drill()));
    record.put(
        "plan", map("name", text(request.plan()), "digest", "sha256:" + request.planDigest()));
    record.put("actor", text(request.actor()));
    record.put("backup", backup());
    record.put("environment", environment());
    record.put("objectives", outcome.objectives().stream().map(EvidenceRecord::objective).toList());
    record.put("measured", measured());
    record.put("checks", outcome.checks().stream().map(EvidenceRecord::check).toList());
    record.put("verdict", outcome.verdict().name());
    outcome.level().ifPresent(level -> record.put("level", level.name()));
    record.put("requestedAt", request.requestedAt().toString());
    record.put("finishedAt", outcome.finishedAt().toString());
    request
        .provenWithin()
        .ifPresent(
            within -> record.put("validUntil", outcome.finishedAt().plus(within).toString()));
    record.put(
        "cleanup", map("complete", outcome.leaked().isEmpty(), "leaked", texts(outcome.leaked())));
    record.put("limitations", texts(limitations()));
    record.put("toolVersion", toolVersion());
    record.put("repository", link.repository());
    record.put("number", link.number());
    record.put("prev", "sha256:" + link.previous());
    return CanonicalJson.write(record);
  }

  private Map<String, Object> backup() {
    return map(
        "snapshot", info.id(),
        "source", text(info.source()),
        "type", info.sourceType(),
        "startedAt", info.startedAt().toString(),
        "finishedAt", info.finishedAt().toString(),
        "ageMillis", Duration.between(info.finishedAt(), request.requestedAt()).toMillis(),
        "bytes", info.sizeBytes(),
        "files", info.files(),
        "selection", text(request.selection()));
  }

  private Map<String, Object> environment() {
    Map<String, Object> environment = new TreeMap<>();
    outcome
        .scratch()
        .ifPresent(scratch -> {
          environment.put("scratch", scratch.kind());
          environment.put("version", text(scratch.version()));
          environment.put("network", scratch.network());
          if (!scratch.image().isEmpty()) {
            environment.put("image", text(scratch.image()));
          }
        });
    environment.put("identities", request.identities());
    environment.put("java", Runtime.version().toString());
    environment.put(
        "platform", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return environment;
  }

  private Map<String, Object> measured() {
    Map<String, Object> measured = new TreeMap<>();
    measured.put("rtoMillis", outcome.rto().toMillis());
    outcome.rpo().ifPresent(rpo -> measured.put("rpoMillis", rpo.toMillis()));
    List<Map<String, Object>> phases = new ArrayList<>();
    outcome
        .phases()
        .forEach((name, duration) -> phases.add(map("name", name, "millis", duration.toMillis())));
    measured.put("phases", phases);
    return measured;
  }

  private static Map<String, Object> objective(ObjectiveResult objective) {
    Map<String, Object> judged =
        map(
            "name", objective.name(),
            "millis", objective.objective().toMillis(),
            "met", objective.met());
    objective.measured().ifPresent(found -> judged.put("measuredMillis", found.toMillis()));
    return judged;
  }

  private static Map<String, Object> check(CheckResult check) {
    return map(
        "id", text(check.id()),
        "level", check.level().name(),
        "result", check.result().name(),
        "meaning", text(check.meaning()),
        "detail", text(check.detail()));
  }

  private List<String> limitations() {
    List<String> limitations = new ArrayList<>();
    outcome.scratch().ifPresent(scratch -> limitations.addAll(scratch.limitations()));
    outcome.checks().stream()
        .filter(check -> check.result() == Verdict.SKIPPED)
        .forEach(check -> limitations.add(check.id() + " was not made: " + check.detail()));
    if (outcome.rpo().isEmpty()) {
      limitations.add("the recovery point was not measured: no canary was found");
    }
    return limitations;
  }

  static String toolVersion() {
    return Optional.ofNullable(EvidenceRecord.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static List<String> texts(List<String> texts) {
    return texts.stream().map(EvidenceRecord::text).toList();
  }

  /** Well-formed, whatever a database answered. */
  private static String text(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
