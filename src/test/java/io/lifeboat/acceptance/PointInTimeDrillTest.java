package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.app.InThisJvm;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a plan takes WAL, its drills recover to a random instant behind the snapshot too. */
@Tag("slow")
class PointInTimeDrillTest {
  private static final Duration COVERED = Duration.ofSeconds(4);

  @TempDir Path folder;

  @Test
  void anInstantBehindTheSnapshotIsReachedAndDamagedWalIsFound() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    try (SourceCluster server = SourceCluster.start(folder.resolve("server"))) {
      Bank.found(server);
      node.serving("bank", server, "", "{ flush: PT0.2S }, " + drill()).done("init");
      try (var service = ServiceProcess.start(node.path(""), Optional.empty());
          var bank = Bank.open(server, 2)) {
        service.plan("bank-nightly", plan -> ServiceProcess.walState(plan).equals("STREAMING"));
        service.done(service.begin("/v1/backups", "{\"plan\":\"bank-nightly\"}"));
        Instant until = Instant.now().plus(COVERED);
        service.plan("bank-nightly", plan -> ServiceProcess.recoveryPoint(plan).isAfter(until));
        assertThat(bank.close(true)).isNotEmpty();
      }
    }
    for (int n = 0; n < 3; n++) {
      JsonNode drill = node.done("drill", "bank-nightly");
      assertThat(drill.path("verdict").asText()).as(drill.toPrettyString()).isEqualTo("PASS");
      assertThat(drill.path("phases").has("point-in-time")).isTrue();
      assertThat(point(drill).path("detail").asText()).contains("it stopped at ", ", before 20");
    }

    for (Path piece : wal(node)) {
      byte[] bytes = Files.readAllBytes(piece);
      bytes[bytes.length / 2] ^= 1;
      Files.write(piece, bytes);
    }
    InThisJvm.Ended ended = node.run("drill", "bank-nightly");
    JsonNode drill = new ObjectMapper().readTree(ended.out());
    assertThat(drill.path("verdict").asText())
        .as("%s%n%s", ended.out(), ended.err())
        .isEqualTo("FAIL");
    assertThat(point(drill).path("result").asText()).isEqualTo("FAIL");
    assertThat(drill.path("level").asText()).isEqualTo("L3");
    assertThat(node.path("var/scratch/scratch")).isEmptyDirectory();
  }

  private static String drill() throws Exception {
    return "drill: { scratch: process, programs: \"" + SourceCluster.programs() + "\" }";
  }

  private static JsonNode point(JsonNode drill) {
    for (JsonNode check : drill.path("checks")) {
      if (check.path("id").asText().equals("PIT-1")) {
        return check;
      }
    }
    throw new AssertionError("no PIT-1 in " + drill.toPrettyString());
  }

  private static List<Path> wal(Node node) throws Exception {
    List<Path> pieces =
        node.objects().stream()
            .filter(path -> node.path("store").relativize(path).toString().startsWith("w/"))
            .toList();
    assertThat(pieces).isNotEmpty();
    return pieces;
  }
}
