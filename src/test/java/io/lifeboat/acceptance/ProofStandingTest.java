package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.app.InThisJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a proof is worth once something has changed, as an operator is told of it. */
class ProofStandingTest {
  @TempDir Path folder;
  private Node node;
  private String plain;

  @BeforeEach
  void aSnapshotIsProven() throws IOException {
    node = Node.local(folder);
    plain = Files.readString(node.path("config.yml"));
    Files.writeString(node.path("docs/letter"), "dear all");
    node.done("init");
    node.done("backup", "nightly");
    assertThat(standing().path("status").asText()).isEqualTo("NONE");
    node.done("drill", "nightly");
    assertThat(standing().path("status").asText()).isEqualTo("VALID");
  }

  private JsonNode standing() throws IOException {
    return node.snapshots().at("/0/standing");
  }

  private String words() {
    String config = node.path("config.yml").toString();
    return InThisJvm.run(Map.of(), "snapshots", "--config", config).out();
  }

  private void planned(String more, String drill) throws IOException {
    node.configured(
        plain.replace("drill: { scratch: process }", more + "drill: { " + drill + " }"));
  }

  @Test
  void itStandsWhileThePlanAsksForTheSameAndIsRevokedOnceItDoesNot() throws IOException {
    planned(
        "schedule: { cron: \"0 2 * * *\" }, retention: { last: 9 }, tags: [new], ",
        "scratch: process, select: random, schedule: { cron: \"0 4 * * 0\" }");
    assertThat(standing().path("status").asText()).isEqualTo("VALID");
    assertThat(words()).contains("proven to L6 on ").doesNotContain("revoked");

    planned("", "scratch: process, level: L3");
    assertThat(standing().path("status").asText()).isEqualTo("REVOKED");
    assertThat(words()).contains("proven to L6 on ", ", revoked: the plan's checks");

    node.done("drill", "nightly");
    assertThat(standing().path("status").asText()).isEqualTo("VALID");
    assertThat(standing().path("level").asText()).isEqualTo("L3");
  }

  @Test
  void itExpiresWhenThePlansTimeIsUp() throws IOException {
    planned("objectives: { provenWithin: PT0.001S }, ", "scratch: process");
    node.done("drill", "nightly");
    assertThat(standing().path("status").asText()).isEqualTo("EXPIRED");
    assertThat(words()).contains("proven to L6 on ", ", expired: it counted until 20");
  }

  @Test
  void itIsRevokedOnceNobodyOfThoseWhoReadItIsARecipient() throws IOException {
    String other = node.path("other-kit.txt").toString();
    String kit = node.path("recovery-kit.txt").toString();
    String recipient =
        node.done("keygen", "recovery", "--identity", kit, "--out", other)
            .path("recipient")
            .asText();
    JsonNode before = node.done("recipient", "list").at("/local/recovery");
    node.done("recipient", "add", recipient, "--identity", kit);
    List<String> all = before.findValuesAsText("fingerprint");
    node.done("recipient", "remove", all.get(0), "--identity", kit);
    assertThat(standing().path("status").asText()).isEqualTo("VALID");
    node.done("recipient", "remove", all.get(1), "--identity", kit);
    assertThat(standing().path("status").asText()).isEqualTo("REVOKED");
    assertThat(words()).contains("none of the keys that read it is a recipient now");
  }

  @Test
  void withNothingButABucketAndAKitItIsHeldAgainstNoPlan() throws IOException {
    planned("", "scratch: process, level: L3");
    JsonNode snapshots =
        node.done(
            "snapshots",
            "--store",
            "folder:" + node.path("store"),
            "--identity",
            node.path("recovery-kit.txt").toString());
    assertThat(snapshots.at("/0/standing/status").asText()).isEqualTo("VALID");
  }
}
