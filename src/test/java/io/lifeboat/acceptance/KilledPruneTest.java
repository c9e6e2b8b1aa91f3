package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the service while it prunes: once it is started again the prune is marked as
 * interrupted, every snapshot that is listed restores, and the next prune goes on.
 */
@Tag("slow")
class KilledPruneTest {
  private static final int ROUNDS = 4;
  private static final String PRUNE = "{\"repository\":\"local\"}";
  private static final String CONFIGURATION =
      """
      server:
        applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
        adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
        requestLog: { appenders: [] }
      logging: { level: WARN }
      keys: { recovery: recovery-kit.txt }
      repositories:
        local: { store: { type: folder, path: store }, prune: { grace: PT0.001S } }
      sources:
        docs: { type: files, paths: [docs] }
      plans:
        nightly: { source: docs, repository: local, retention: { last: 2 } }
      """;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @Test
  void aPruneThatWasKilledIsMarkedAndTheNextOneGoesOn() throws Exception {
    System.out.println("seed " + seed);
    Node node = new Node(folder.resolve("node")).configured(CONFIGURATION);
    Files.createDirectories(node.path("docs"));
    Tree.write(node.path("docs/always"), random, 2_000_000);
    node.done("init");
    Optional<String> token = Optional.empty();
    Optional<String> killed = Optional.empty();
    int interrupted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (int n = 0; n < 3; n++) {
        Tree.write(node.path("docs/changes"), random, 1_500_000);
        node.done("backup", "nightly");
      }
      try (var service = ServiceProcess.start(node.path(""), token)) {
        token = Optional.of(service.token());
        interrupted += killed.isPresent() && wasInterrupted(service, killed.get()) ? 1 : 0;
        killed = Optional.of(service.begin("/v1/prunes", PRUNE));
        // Not to wait for anything: to strike at another moment each time.
        service.killAfter(Duration.ofMillis(random.nextInt(60)));
      }
    }
    try (var service = ServiceProcess.start(node.path(""), token)) {
      interrupted += wasInterrupted(service, killed.orElseThrow()) ? 1 : 0;
      service.done(service.begin("/v1/prunes", PRUNE));
      service.done(service.begin("/v1/prunes", PRUNE));
      service.done(service.begin("/v1/verifications", PRUNE));
    }
    System.out.println("interrupted " + interrupted + " of " + ROUNDS);
    assertThat(interrupted).as("seed %d", seed).isPositive();
    restores(node);
  }

  private static boolean wasInterrupted(ServiceProcess service, String operation) throws Exception {
    String state = service.operation(operation).path("state").asText();
    assertThat(state).isIn("INTERRUPTED", "SUCCEEDED");
    return state.equals("INTERRUPTED");
  }

  private void restores(Node node) throws Exception {
    Map<String, String> docs = Tree.describe(node.path("docs"));
    JsonNode snapshots = node.done("snapshots");
    assertThat(snapshots).hasSize(2);
    assertThat(node.done("verify", "--level", "L2").path("problems")).isEmpty();
    for (JsonNode snapshot : snapshots) {
      String id = snapshot.path("id").asText();
      Path target = folder.resolve("restored-" + id);
      node.done("restore", "--source", "docs", "--snapshot", id, "--target", target.toString());
      assertThat(Tree.describe(target.resolve("docs")).keySet()).isEqualTo(docs.keySet());
    }
    Path newest = folder.resolve("restored-" + snapshots.path(0).path("id").asText());
    assertThat(Tree.describe(newest.resolve("docs"))).as("seed %d", seed).isEqualTo(docs);
  }
}
