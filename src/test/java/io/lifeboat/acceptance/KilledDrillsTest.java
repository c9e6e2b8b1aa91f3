package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service, the container or the Docker engine is killed at a random moment of a drill: the
 * engine is one of the test's own. {@code -Dlifeboat.drillKills=20} does it as often as that.
 */
@Tag("docker")
class KilledDrillsTest {
  private static final String PLAN = "{\"plan\":\"shop-nightly\"}";
  private static final int KILLS = Integer.getInteger("lifeboat.drillKills", 3);
  private static final Duration SWEPT_WITHIN = Duration.ofMinutes(2);

  private final long seed = Long.getLong("lifeboat.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path folder;

  private enum Victim {
    SERVICE,
    CONTAINER,
    ENGINE
  }

  @Test
  void nothingIsLeftAndNothingIsClaimedWhateverDies() throws Exception {
    System.out.println("seed " + seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = node();
    try (var docker = OwnDocker.with("lifeboat/postgres:15", folder.resolve("docker"))) {
      Map<String, String> environment = Map.of("DOCKER_HOST", docker.host());
      var service = ServiceProcess.start(node.path(""), environment, Optional.empty());
      String token = service.token();
      try {
        Instant began = Instant.now();
        JsonNode sound = service.done(service.begin("/v1/drills", PLAN));
        assertThat(sound.path("verdict").asText()).as(sound.toPrettyString()).isEqualTo("PASS");
        long usualMillis = Duration.between(began, Instant.now()).toMillis();
        for (int round = 0; round < KILLS; round++) {
          Victim victim = Victim.values()[round % Victim.values().length];
          String operation = service.begin("/v1/drills", PLAN);
          TimeUnit.MILLISECONDS.sleep(random.nextLong(usualMillis * 3 / 4)); // the moment to try
          switch (victim) {
            case SERVICE -> service.kill();
            case CONTAINER -> killAnyContainer(docker, service, operation);
            case ENGINE -> docker.kill();
          }
          Instant killed = Instant.now();
          if (victim != Victim.SERVICE) {
            service.ended(operation);
          }
          if (victim == Victim.ENGINE) {
            docker.startAgain();
          }
          service.kill();
          service.close();
          service = ServiceProcess.start(node.path(""), environment, Optional.of(token));
          claimsNothing(service.operation(operation), killed, victim);
          leavesNothing(docker, node, victim);
        }
      } finally {
        service.close();
      }
    }
  }

  /** As soon as there is one. */
  private static void killAnyContainer(OwnDocker docker, ServiceProcess service, String operation)
      throws Exception {
    while (!docker.killContainer() && !service.hasEnded(operation)) {
      Thread.onSpinWait();
    }
  }

  private Node node() throws Exception {
    Node node = new Node(folder.resolve("node"));
    PostgresPrograms programs = PostgresPrograms.find(15, Optional.empty(), "");
    try (var server = SourceCluster.start(programs, folder.resolve("server"))) {
      server.sql("CREATE TABLE orders AS SELECT generate_series(1, 300000) AS id");
      node.configured(
          """
          server:
            applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
            adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
            requestLog: { appenders: [] }
          logging: { level: WARN }
          keys: { recovery: recovery-kit.txt }
          repositories: { local: { store: { type: folder, path: store } } }
          sources: { shop: { type: postgres, url: "%s", password: unused } }
          plans:
            shop-nightly:
              source: shop
              repository: local
              drill: { scratch: docker, image: "lifeboat/postgres:15" }
          """
              .formatted(server.url("postgres")));
      node.done("init");
      node.done("backup", "shop-nightly");
    }
    return node;
  }

  /** A drill that was through with its checks when something died has shown what it has shown. */
  private void claimsNothing(JsonNode operation, Instant killed, Victim victim) {
    String what = "seed " + seed + ", " + victim + ": " + operation.toPrettyString();
    String verdict = operation.path("verdict").asText("none");
    boolean wasThrough = false;
    for (JsonNode phase : operation.path("phases")) {
      wasThrough |=
          List.of("teardown", "evidence").contains(phase.path("name").asText())
              && Instant.parse(phase.path("startedAt").asText()).isBefore(killed);
    }
    System.out.println(victim + ": " + operation.path("state").asText() + " " + verdict);
    assertThat(verdict).as(what).isNotEqualTo("FAIL");
    if (!wasThrough) {
      assertThat(verdict).as(what).isNotEqualTo("PASS");
    }
  }

  private static void leavesNothing(OwnDocker docker, Node node, Victim victim) throws Exception {
    long deadline = System.nanoTime() + SWEPT_WITHIN.toNanos();
    Path ledger = node.path("var/scratch/ledger");
    while (!docker.containers().isEmpty() || !isEmpty(ledger)) {
      assertThat(System.nanoTime())
          .as("left behind after %s: %s", victim, docker.containers())
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static boolean isEmpty(Path folder) throws Exception {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }
}
