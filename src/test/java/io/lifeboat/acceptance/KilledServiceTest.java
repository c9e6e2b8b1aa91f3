package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.SourceCluster;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the service during ten backups and ten drills, at random moments: once it is
 * started again, what ran is marked as interrupted, nothing of a scratch is left, every listed
 * snapshot restores, and the next backup and the next drill succeed.
 */
@Tag("slow")
class KilledServiceTest {
  private static final int ROUNDS = 10;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @Test
  void aKilledServiceLeavesNothingHalfMadeAndGoesOn() throws Exception {
    System.out.println("seed " + seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (SourceCluster server =
        SourceCluster.start(Files.createDirectories(folder.resolve("server")))) {
      Database.plant(server, 20_000);
      Node node = new Node(folder.resolve("node")).configured(configuration(server));
      Tree.plant(node.path("docs"), random);
      node.done("init");
      kills(node);
      Map<String, String> docs = Tree.describe(node.path("docs"));
      for (JsonNode snapshot : node.done("snapshots")) {
        restores(node, snapshot, docs);
      }
      assertThat(node.done("verify", "--level", "L2").path("problems")).isEmpty();
      assertThat(node.path("var/spool")).isEmptyDirectory();
    }
  }

  private void kills(Node node) throws Exception {
    Optional<String> token;
    List<Work> work = List.of(Work.BACKUP_DOCS, Work.DRILL_SHOP, Work.BACKUP_SHOP, Work.DRILL_SHOP);
    var lasts = new java.util.EnumMap<Work, Duration>(Work.class);
    try (var service = ServiceProcess.start(node.path(""), Optional.empty())) {
      token = Optional.of(service.token());
      for (Work kind : List.of(Work.BACKUP_DOCS, Work.BACKUP_SHOP, Work.DRILL_SHOP)) {
        long startNanos = System.nanoTime();
        JsonNode operation = service.done(service.begin(kind.path, kind.body));
        assertThat(operation.path("verdict").asText("PASS")).isEqualTo("PASS");
        lasts.put(kind, Duration.ofNanos(System.nanoTime() - startNanos));
      }
      service.killAfter(Duration.ZERO);
    }
    Optional<String> killed = Optional.empty();
    int interrupted = 0;
    for (int round = 0; round < 2 * ROUNDS; round++) {
      try (var service = ServiceProcess.start(node.path(""), token)) {
        interrupted += killed.isPresent() && wasInterrupted(service, killed.get()) ? 1 : 0;
        nothingOfAScratchIsLeft(node);
        Work kind = work.get(round % work.size());
        killed = Optional.of(service.begin(kind.path, kind.body));
        // Not to wait for anything: to strike at another moment each time.
        service.killAfter(Duration.ofMillis(random.nextLong(lasts.get(kind).toMillis())));
      }
    }
    try (var service = ServiceProcess.start(node.path(""), token)) {
      interrupted += wasInterrupted(service, killed.orElseThrow()) ? 1 : 0;
      nothingOfAScratchIsLeft(node);
      for (Work kind : Work.values()) {
        JsonNode operation = service.done(service.begin(kind.path, kind.body));
        assertThat(operation.path("verdict").asText("PASS")).isEqualTo("PASS");
      }
      nothingOfAScratchIsLeft(node);
    }
    System.out.println("interrupted " + interrupted + " of " + 2 * ROUNDS + ", normally " + lasts);
    assertThat(interrupted).as("seed %d", seed).isPositive();
  }

  private enum Work {
    BACKUP_DOCS("/v1/backups", "docs-nightly"),
    BACKUP_SHOP("/v1/backups", "shop-nightly"),
    DRILL_SHOP("/v1/drills", "shop-nightly");

    private final String path;
    private final String body;

    Work(String path, String plan) {
      this.path = path;
      this.body = "{\"plan\":\"" + plan + "\"}";
    }
  }

  /** It may have ended just before the kill; it must not look as if it still ran. */
  private static boolean wasInterrupted(ServiceProcess service, String operation) throws Exception {
    String state = service.operation(operation).path("state").asText();
    assertThat(state).isIn("INTERRUPTED", "SUCCEEDED");
    return state.equals("INTERRUPTED");
  }

  private static void nothingOfAScratchIsLeft(Node node) throws IOException {
    Path scratch = node.path("var/scratch");
    assertThat(scratch.resolve("ledger")).isEmptyDirectory();
    if (Files.exists(scratch.resolve("scratch"))) {
      assertThat(scratch.resolve("scratch")).isEmptyDirectory();
    }
    List<String> servers = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(scratch)) {
            servers.add(process.getFileName().toString());
          }
        } catch (IOException e) {
          // It has ended meanwhile.
          continue;
        }
      }
    }
    assertThat(servers).as("processes in the scratch").isEmpty();
  }

  private void restores(Node node, JsonNode snapshot, Map<String, String> docs) throws Exception {
    String id = snapshot.path("id").asText();
    if (snapshot.path("source").asText().equals("docs")) {
      Path target = folder.resolve("restored-" + id);
      node.done("restore", "--source", "docs", "--snapshot", id, "--target", target.toString());
      assertThat(Tree.describe(target.resolve("docs"))).as("seed %d", seed).isEqualTo(docs);
    } else {
      JsonNode drill = node.done("drill", "shop-nightly", "--snapshot", id);
      assertThat(drill.path("verdict").asText()).as("seed %d", seed).isEqualTo("PASS");
    }
  }

  private static String configuration(SourceCluster server) throws Exception {
    return """
    server:
      applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
      adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
      requestLog: { appenders: [] }
    logging: { level: WARN }
    keys: { recovery: recovery-kit.txt }
    repositories:
      local: { store: { type: folder, path: store } }
    sources:
      docs: { type: files, paths: [docs] }
      shop: { type: postgres, url: "%s", password: unused }
    plans:
      docs-nightly: { source: docs, repository: local }
      shop-nightly:
        source: shop
        repository: local
        drill:
          scratch: process
          programs: "%s"
          checks:
            - { id: APP-1, sql: "select count(*) from orders_walrus", expect: "= 20000",
                meaning: "orders are missing" }
    """
        .formatted(server.url("postgres"), SourceCluster.programs());
  }
}
