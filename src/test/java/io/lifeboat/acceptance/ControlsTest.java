package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who proves the prover: copies of real backups that are damaged on purpose. */
@Tag("slow")
class ControlsTest {
  @TempDir Path folder;

  @BeforeEach
  void openTheFolder() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Node shop(SourceCluster server, String plan) throws Exception {
    Node node =
        new Node(folder.resolve("node"))
            .configured(
                """
                keys: { recovery: recovery-kit.txt }
                repositories: { local: { store: { type: folder, path: store } } }
                sources:
                  shop: { type: postgres, url: "%s", password: unused }
                plans:
                  shop-nightly:
                    source: shop
                    repository: local
                    drill: { scratch: process, programs: "%s" }
                    %s
                """
                    .formatted(server.url("postgres"), SourceCluster.programs(), plan));
    node.done("init");
    return node;
  }

  private static Map<String, String> outcomes(JsonNode answer) {
    var outcomes = new TreeMap<String, String>();
    answer
        .path("controls")
        .forEach(control ->
            outcomes.put(
                control.path("damage").asText(),
                control.path("check").asText() + " " + control.path("outcome").asText()));
    return outcomes;
  }

  @Test
  void everyDamageOfAClusterIsFoundByTheCheckThatIsThereForIt() throws Exception {
    try (SourceCluster server = SourceCluster.start(folder.resolve("server"))) {
      server.sql(
          "CREATE TABLE orders (id int PRIMARY KEY, note text)",
          "INSERT INTO orders SELECT i, 'paid ' || i FROM generate_series(1, 2000) AS i",
          "CREATE TABLE lines (id int REFERENCES orders)",
          "INSERT INTO lines SELECT id FROM orders");
      Node node = shop(server, "objectives: { rpo: PT1H }");
      node.done("backup", "shop-nightly");

      JsonNode answer = node.done("controls", "shop-nightly");

      assertThat(outcomes(answer))
          .as("%s", answer.toPrettyString())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "truncated-object", "OBJ-1 FOUND",
                  "flipped-bit", "OBJ-1 FOUND",
                  "wrong-key", "KEY-1 FOUND",
                  "stale", "FRESH-1 FOUND",
                  "wrong-major", "MAN-1 FOUND",
                  "missing-table", "CNT-1 FOUND",
                  "empty-table", "CNT-1 FOUND",
                  "extra-row", "CNT-1 FOUND"));
      // They say nothing of the snapshot, which is proven like any other.
      assertThat(node.snapshots().get(0).path("proof").isNull()).isTrue();
      assertThat(node.done("drill", "shop-nightly").path("verdict").asText()).isEqualTo("PASS");
      assertThat(node.path("var/scratch/scratch")).isEmptyDirectory();
    }
  }

  @Test
  void everyDamageOfATreeIsFound() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(1));
    node.done("init");
    node.done("backup", "nightly");
    JsonNode answer = node.done("controls", "nightly", "--damage", "empty-file");
    assertThat(outcomes(answer)).isEqualTo(Map.of("empty-file", "FIL-1 FOUND"));
    InThisJvm.Ended ended = node.run("controls", "nightly", "--json");
    answer = new ObjectMapper().readTree(ended.out());
    assertThat(outcomes(answer))
        .as("%s", answer.toPrettyString())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "truncated-object", "OBJ-1 FOUND",
                "flipped-bit", "OBJ-1 FOUND",
                "wrong-key", "KEY-1 FOUND",
                "stale", "FRESH-1 UNTRIED", // the plan has no objective
                "missing-file", "FIL-1 FOUND",
                "empty-file", "FIL-1 FOUND",
                "extra-file", "FIL-1 FOUND"));
    assertThat(ended.status()).isEqualTo(3);
    node.refused("controls", "nightly", "--damage", "rust").is(ErrorCode.USAGE_INVALID, "rust");
    node.refused("controls", "nightly", "--damage", "missing-table")
        .is(ErrorCode.USAGE_INVALID, "nightly");
  }

  /** The newest backup is as good as ever, and there should be a newer one. */
  @Test
  void aBackupThatIsTooOldFailsTheDrillAndIsProvenAllTheSame() throws Exception {
    Node node = Node.local(folder.resolve("node"));
    Tree.plant(node.path("docs"), new Random(2));
    node.configured(
        Files.readString(node.path("config.yml"))
            .replace("repository: local,", "repository: local, objectives: { rpo: PT0.001S },"));
    node.done("init");
    node.done("backup", "nightly");
    InThisJvm.Ended ended = node.run("drill", "nightly", "--json");
    assertThat(ended.status()).isEqualTo(1);
    JsonNode answer = new ObjectMapper().readTree(ended.out());
    assertThat(answer.path("verdict").asText()).isEqualTo("FAIL");
    assertThat(answer.path("level").asText()).isEqualTo("L6");
    String snapshot = answer.path("snapshot").asText();
    // Whoever drills an older one knows that it is.
    assertThat(node.done("drill", "nightly", "--snapshot", snapshot).path("verdict").asText())
        .isEqualTo("PASS");
  }
}
