package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an auditor is told of a period in which one drill failed, and what followed. */
@Timeout(120)
class EvidenceReportTest {
  @TempDir static Path world;
  private static Node node;
  private static String good;
  private static String damaged;
  private static String failed;

  @TempDir Path folder;

  @BeforeAll
  static void live() throws Exception {
    node =
        Node.local(world)
            .configured(
                """
                keys: { service: service.key, recovery: recovery-kit.txt }
                repositories:
                  local: { store: { type: folder, path: store } }
                sources:
                  docs: { type: files, paths: [docs] }
                  idle: { type: files, paths: [docs] }
                plans:
                  nightly:
                    source: docs
                    repository: local
                    objectives: { rpo: PT5M, rto: PT1H, provenWithin: P7D }
                    drill: { scratch: process }
                  idle-plan: { source: idle, repository: local }
                """);
    Files.writeString(node.path("docs/file"), "contents");
    node.done("init");
    good = node.done("backup", "nightly").path("snapshot").asText();
    node.done("drill", "nightly");
    List<Path> before = node.objects();
    Files.writeString(node.path("docs/other"), "others");
    damaged = node.done("backup", "nightly").path("snapshot").asText();
    node.done("backup", "nightly");
    Path pack =
        node.objects().stream()
            .filter(object -> object.toString().contains("/p/d/") && !before.contains(object))
            .findFirst()
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(pack);
    Files.delete(pack);
    InThisJvm.Ended ended = node.run("drill", "nightly", "--snapshot", damaged);
    assertThat(ended.status()).as(ended.out() + ended.err()).isEqualTo(1);
    failed = new ObjectMapper().readTree(ended.out()).path("drill").asText();
    assertThat(report().at("/failures/0/passedBy").isNull()).isTrue();
    Files.write(pack, bytes);
    node.done("drill", "nightly", "--snapshot", damaged);
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  private static JsonNode report() throws IOException {
    return report(today().minusDays(1), today().plusDays(1));
  }

  private static JsonNode report(LocalDate from, LocalDate to) throws IOException {
    return node.done("evidence", "report", "--from", from.toString(), "--to", to.toString());
  }

  private static JsonNode plan(JsonNode report, String name) {
    for (JsonNode plan : report.path("plans")) {
      if (plan.path("plan").asText().equals(name)) {
        return plan;
      }
    }
    throw new AssertionError(report.toString());
  }

  @Test
  void drillsAreCountedByVerdictAndPlan() throws Exception {
    JsonNode report = report();

    assertThat(report.at("/drills/PASS").asInt()).isEqualTo(2);
    assertThat(report.at("/drills/FAIL").asInt()).isEqualTo(1);
    assertThat(report.path("records")).hasSize(3);
    assertThat(report.at("/records/2/number").asInt()).isEqualTo(3);
    assertThat(report.at("/records/2/sha256").asText()).hasSize(64);
    JsonNode nightly = plan(report, "nightly");
    assertThat(nightly.at("/drills/FAIL").asInt()).isEqualTo(1);
    assertThat(nightly.path("taken").asInt()).isEqualTo(3);
    assertThat(nightly.path("drilled").asInt()).isEqualTo(2);
    assertThat(nightly.path("proven").asInt()).isEqualTo(2);
    assertThat(nightly.at("/rto/met").asInt()).isEqualTo(3);
    assertThat(nightly.at("/rto/worstMillis").asLong()).isPositive();
    assertThat(nightly.at("/rpo/unmeasured").asInt()).isEqualTo(3);
    JsonNode idle = plan(report, "idle-plan");
    assertThat(idle.at("/drills/PASS").asInt()).isZero();
    assertThat(idle.at("/longestUnproven/seconds").asLong()).isGreaterThanOrEqualTo(24 * 3600);
    assertThat(report.path("problems")).isEmpty();
  }

  @Test
  void aFailureIsToldWithItsChecksAndWhatFollowed() throws Exception {
    JsonNode failure = report().path("failures").path(0);

    assertThat(report().path("failures")).hasSize(1);
    assertThat(failure.path("drill").asText()).isEqualTo(failed);
    assertThat(failure.path("snapshot").asText()).isEqualTo(damaged);
    assertThat(failure.at("/checks/0/id").asText()).isEqualTo("OBJ-1");
    assertThat(failure.at("/checks/0/result").asText()).isEqualTo("FAIL");
    assertThat(failure.at("/passedBy/snapshot").asText()).isEqualTo(damaged);
    assertThat(failure.at("/passedBy/drill").asText()).isNotEqualTo(failed);
  }

  @Test
  void eachDrilledSnapshotIsToldAsFarAsItWasProven() throws Exception {
    JsonNode snapshots = report().path("snapshots");

    assertThat(snapshots).hasSize(2);
    assertThat(snapshots.path(0).path("snapshot").asText()).isEqualTo(good);
    assertThat(snapshots.path(1).path("snapshot").asText()).isEqualTo(damaged);
    for (JsonNode snapshot : snapshots) {
      assertThat(snapshot.path("verdict").asText()).isEqualTo("PASS");
      assertThat(snapshot.path("level").asText()).isEqualTo("L6");
    }
  }

  @Test
  void aPeriodBeforeOrAfterKnowsNothingOfThem() throws Exception {
    JsonNode before = report(today().minusDays(9), today().minusDays(2));

    assertThat(before.path("records")).isEmpty();
    assertThat(plan(before, "nightly").path("taken").asInt()).isZero();
    assertThat(plan(before, "nightly").at("/longestUnproven/seconds").asLong())
        .isEqualTo(8 * 24 * 3600);

    JsonNode after = report(today().plusDays(20), today().plusDays(21));
    assertThat(after.path("records")).isEmpty();
  }

  @Test
  void itIsWrittenAsAPageAndSaidInWords() throws Exception {
    Path page = folder.resolve("report.html");
    String from = today().minusDays(1).toString();
    String to = today().plusDays(1).toString();
    node.done("evidence", "report", "--from", from, "--to", to, "--html", page.toString());

    assertThat(Files.readString(page))
        .contains("2 of 3 drills passed", "2 of 3 drilled (66 %), 2 proven", failed)
        .contains("OBJ-1", "passed at ")
        .doesNotContain("<script", "http");
    node.refused("evidence", "report", "--from", from, "--to", to, "--html", page.toString())
        .is(ErrorCode.USAGE_INVALID, "exists");

    InThisJvm.Ended words =
        InThisJvm.run(
            Map.of(),
            "evidence",
            "report",
            "--from",
            from,
            "--to",
            to,
            "--config",
            node.path("config.yml").toString());
    assertThat(words.out())
        .contains("3 drills: 2 PASS, 1 FAIL")
        .contains("FAIL " + failed + " of plan nightly")
        .contains("passed by dr_");
  }

  @Test
  void aPeriodThatIsNoneIsRefused() throws Exception {
    node.refused("evidence", "report", "--from", "2026-01-01").is(ErrorCode.USAGE_INVALID, "--to");
    node.refused("evidence", "report", "--from", "January", "--to", "2026-01-01")
        .is(ErrorCode.USAGE_INVALID, "--from", "January");
    node.refused("evidence", "report", "--from", "2026-01-02", "--to", "2026-01-01")
        .is(ErrorCode.USAGE_INVALID, "ends before it begins");
  }
}
