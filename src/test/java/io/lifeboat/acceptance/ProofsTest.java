package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much is proven, for people and for a monitor that asks for the exit status. */
class ProofsTest {
  @TempDir Path folder;
  private Node node;

  @BeforeEach
  void aNode() throws IOException {
    node = Node.local(folder);
    Files.writeString(node.path("docs/letter"), "dear all");
    node.done("init");
  }

  private String backUp() throws IOException {
    return node.done("backup", "nightly").path("snapshot").asText();
  }

  private void planned(String is, String becomes) throws IOException {
    String yaml = Files.readString(node.path("config.yml"));
    assertThat(yaml).contains(is);
    node.configured(yaml.replace(is, becomes));
  }

  private JsonNode proofs(int status, String... more) throws IOException {
    var command = new ArrayList<>(List.of("proofs"));
    command.addAll(List.of(more));
    InThisJvm.Ended ended = node.run(command.toArray(String[]::new));
    assertThat(ended.status()).as("%s%n%s", ended.out(), ended.err()).isEqualTo(status);
    return new ObjectMapper().readTree(ended.out());
  }

  private String words() {
    String config = node.path("config.yml").toString();
    return InThisJvm.run(Map.of(), "proofs", "--config", config).out();
  }

  @Test
  void theNewestOfEachPlanHasToBeProvenForTheMonitorToBeContent() throws IOException {
    assertThat(proofs(1).at("/0/kept").asInt()).isZero();
    assertThat(words()).contains("nightly: 0 of 0 proven", "there is no snapshot");

    String first = backUp();
    JsonNode before = proofs(1);
    assertThat(before.at("/0/unproven/0/snapshot").asText()).isEqualTo(first);
    assertThat(words()).contains("0 of 1 proven; oldest unproven 0 hours", "1: never drilled");

    node.done("drill", "nightly");
    JsonNode proven = proofs(0, "nightly");
    assertThat(proven.at("/0/proven").asInt()).isEqualTo(1);
    assertThat(proven.at("/0/provenPoints/L6/snapshot").asText()).isEqualTo(first);
    assertThat(proven.at("/0/provenPoints").has("L7")).isFalse();

    assertThat(proven.at("/0/rto/outlook").asText()).isEqualTo("NOT_ENOUGH_DRILLS");
    assertThat(words()).contains("RTO       not enough drills: 1 passed, and a forecast takes 4");

    String second = backUp();
    JsonNode behind = proofs(1);
    assertThat(behind.at("/0/newest/snapshot").asText()).isEqualTo(second);
    assertThat(behind.at("/0/newestProven").asBoolean()).isFalse();
    assertThat(words())
        .contains("nightly: 1 of 2 proven; oldest unproven 0 hours")
        .containsPattern("newest    " + second + "  \\S+  not proven: never drilled")
        .contains("proven    to L6: " + first)
        .contains("unproven  1: never drilled (newest " + second + ")")
        .contains("no drill is scheduled");
  }

  @Test
  void whatIsNoLongerProvenIsCountedByItsReason() throws IOException {
    for (int i = 0; i < 2; i++) {
      backUp();
      node.done("drill", "nightly");
    }
    proofs(0);
    planned("scratch: process", "scratch: process, level: L2");
    JsonNode revoked = proofs(1);
    assertThat(revoked.at("/0/proven").asInt()).isZero();
    assertThat(revoked.at("/0/provenPoints")).isEmpty();
    assertThat(words()).contains("0 of 2 proven", "unproven  2: revoked: the plan's checks");

    planned("level: L2 }", "level: L2 }, objectives: { provenWithin: PT0.001S }");
    node.done("drill", "nightly");
    assertThat(proofs(1).at("/0/newest/standing/status").asText()).isEqualTo("EXPIRED");
    assertThat(words()).contains("unproven  1: revoked", "unproven  1: expired (newest ");
  }

  @Test
  void theNextDrillIsSaidWhereThereIsASchedule() throws IOException {
    planned("scratch: process", "scratch: process, schedule: { cron: \"0 4 1 1 *\" }");
    Instant next = Instant.parse(proofs(1).at("/0/nextDrill").asText());
    assertThat(next)
        .isAfter(Instant.now())
        .hasToString(next.toString().substring(0, 4) + "-01-01T04:00:00Z");
    assertThat(words()).contains("drill due " + next);
  }

  @Test
  void aPlanThatLeftTheConfigurationIsShownWhenItIsNamed() throws IOException {
    String old = backUp();
    node.done("drill", "nightly");
    planned("  nightly: {", "  daily: {");
    InThisJvm.Ended all = node.run("proofs");
    assertThat(all.status()).isEqualTo(1);
    assertThat(all.err()).contains("Snapshots of plan nightly, which is not configured");
    assertThat(proofs(0, "nightly").at("/0/newest/snapshot").asText()).isEqualTo(old);
    node.refused("proofs", "weekly").is(ErrorCode.PLAN_UNKNOWN, "weekly");

    JsonNode byKit =
        node.done(
            "proofs",
            "--store",
            "folder:" + node.path("store"),
            "--identity",
            node.path("recovery-kit.txt").toString());
    assertThat(byKit.at("/0/plan").asText()).isEqualTo("nightly");
  }
}
