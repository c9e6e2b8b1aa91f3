package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups of a server that is written to all the time are good, and a drill must say so each time:
 * a false alarm costs trust as a missed one does. {@code -Dlifeboat.goodDrills=20} tries as often.
 */
@Tag("slow")
class GoodDrillsTest {
  private static final int DRILLS = Integer.getInteger("lifeboat.goodDrills", 2);

  @TempDir Path folder;

  @Test
  void whatIsBackedUpUnderLoadPassesEachTime() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    try (SourceCluster server = SourceCluster.start(folder.resolve("server"))) {
      Bank.found(server);
      server.sql("CREATE TABLE quiet AS SELECT generate_series(1, 1000) AS id");
      node.configured(
          """
          keys: { recovery: recovery-kit.txt }
          repositories: { local: { store: { type: folder, path: store } } }
          sources: { bank: { type: postgres, url: "%s", password: unused } }
          plans:
            bank-nightly:
              source: bank
              repository: local
              objectives: { rpo: PT1H, rto: PT10M }
              drill: { scratch: process, level: L6, programs: "%s" }
          """
              .formatted(server.url("postgres"), SourceCluster.programs()));
      node.done("init");
      try (Bank bank = Bank.open(server, 2)) {
        for (int round = 0; round < DRILLS; round++) {
          node.done("backup", "bank-nightly");
          InThisJvm.Ended ended = node.run("drill", "bank-nightly");
          JsonNode drill = new ObjectMapper().readTree(ended.out());
          assertThat(drill.path("verdict").asText())
              .as("round %s: %s%n%s", round, drill.toPrettyString(), ended.err())
              .isEqualTo("PASS");
          assertThat(drill.path("level").asText()).isEqualTo("L6");
        }
        assertThat(bank.close(true)).isNotEmpty();
      }
    }
    assertThat(node.path("var/scratch/scratch")).isEmptyDirectory();
    assertThat(node.path("var/scratch/ledger")).isEmptyDirectory();
  }
}
