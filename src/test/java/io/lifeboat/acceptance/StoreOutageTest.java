package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lifeboat.postgres.SourceCluster;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bucket is away while money is moved, longer than the spool lasts: the database goes on
 * committing, the alarm comes, and once the bucket is back nothing is missing. The outage lasts as
 * long as the system property {@code lifeboat.outage} says, at least until all alarms came; without
 * it only the nastier kind is tried, to spare each build a minute.
 */
@Tag("slow")
class StoreOutageTest {
  private static final Optional<Duration> WANTED =
      Optional.ofNullable(System.getProperty("lifeboat.outage")).map(Duration::parse);
  private static final Duration OUTAGE = WANTED.orElse(Duration.ofSeconds(20));
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(20);
  private static final long SPOOL_MEBIBYTES = 64;
  private static final long LOAD_MEBIBYTES = SPOOL_MEBIBYTES / 2 + 4;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final String PLAN = "bank-nightly";

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir Path folder;

  /** How a bucket is away. */
  enum Away {
    /** Connections are refused. */
    GONE,
    /** Connections are accepted, and nobody answers. */
    SILENT
  }

  /** The moments of an outage and the end of the work. */
  private record Story(List<Bank.Move> moves, Instant began, Instant ended, Instant end) {}

  static List<Away> ways() {
    return WANTED.isPresent() ? List.of(Away.values()) : List.of(Away.SILENT);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void nothingIsLostWhileTheBucketIsAway(Away away) throws Exception {
    System.out.println("seed " + seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    int adminPort = freePort();
    try (S3Process bucket = S3Process.start(folder.resolve("bucket"))) {
      Story story;
      try (SourceCluster server =
          SourceCluster.start(Files.createDirectories(folder.resolve("server")))) {
        Bank.found(server);
        node.configured(configuration(server, bucket, adminPort)).done("init");
        story = goThrough(node, server, bucket, away, adminPort);
        server.stop("QUIT");
      }
      Duration pause = Bank.longestPause(story.moves(), story.began(), story.ended());
      System.out.printf(
          "%s: %d moves in all, away for %s, longest time without a commit %s%n",
          away, story.moves().size(), Duration.between(story.began(), story.ended()), pause);
      assertThat(pause).as("the database goes on committing").isLessThan(LONGEST_PAUSE);

      assertThat(node.done("wal", "--source", "bank").path("ranges")).hasSize(1);
      holds(node, "latest", story, story.end(), "--timeline", "latest");
      Instant then = Bank.between(random, story.began(), story.ended());
      holds(node, "inside", story, then, "--at", then.toString());
    }
  }

  private Story goThrough(
      Node node, SourceCluster server, S3Process bucket, Away away, int adminPort)
      throws Exception {
    try (var service = ServiceProcess.start(node.path(""), Optional.empty());
        var bank = Bank.open(server, 2)) {
      service.wal(PLAN, stream -> stream.path("state").asText().equals("STREAMING"));
      service.done(service.begin("/v1/backups", "{\"plan\":\"" + PLAN + "\"}"));
      assertThat(health(adminPort).path("healthy").asBoolean()).isTrue();
      Instant began = Instant.now();
      switch (away) {
        case GONE -> bucket.kill();
        case SILENT -> bucket.hold();
      }
      requireAlarms(service, server, adminPort, began);
      Duration left = OUTAGE.minus(Duration.between(began, Instant.now()));
      // Not to wait for anything: the outage itself takes time.
      new CountDownLatch(1).await(left.toMillis(), TimeUnit.MILLISECONDS);
      JsonNode stream = service.wal(PLAN, one -> true);
      System.out.println("at its end: " + stream);
      assertThat(recoveryPoint(stream)).isBefore(began.plusSeconds(1));
      Instant ended = Instant.now();
      switch (away) {
        case GONE -> bucket.restart();
        case SILENT -> bucket.resume();
      }
      service.wal(PLAN, one -> recoveryPoint(one).isAfter(ended));
      service.wal(PLAN, one -> one.path("state").asText().equals("STREAMING"));
      System.out.println("caught up after " + Duration.between(ended, Instant.now()));
      List<Bank.Move> moves = bank.close(true);
      Instant end = Instant.now();
      stream = service.wal(PLAN, one -> recoveryPoint(one).isAfter(end));
      assertThat(stream.has("gap")).as(stream.toString()).isFalse();
      assertThat(service.hasLogged("state=GAP")).isFalse();
      assertThat(service.hasLogged("state=SLOT_LOST")).isFalse();
      assertThat(health(adminPort).path("healthy").asBoolean()).isTrue();
      return new Story(moves, began, ended, end);
    }
  }

  /** By the log, the health check and the metric. */
  private void requireAlarms(
      ServiceProcess service, SourceCluster server, int adminPort, Instant began) throws Exception {
    String event = "event=wal plan=" + PLAN;
    load(server);
    service.awaitLogged(event, "half of its budget");
    System.out.println("half of the budget after " + Duration.between(began, Instant.now()));
    load(server);
    service.awaitLogged(event, "state=STALLED", "reason=spool over its budget", "watch its disk");
    System.out.println("over the budget after " + Duration.between(began, Instant.now()));
    service.awaitLogged(event, "state=STALLED", "reason=bucket away");
    System.out.println("the bucket is away after " + Duration.between(began, Instant.now()));
    JsonNode stream = service.wal(PLAN, one -> true);
    assertThat(stream.path("state").asText()).isEqualTo("STALLED");
    assertThat(stream.path("reason").asText()).isEqualTo("spool over its budget");
    assertThat(stream.path("spoolBytes").asLong())
        .isBetween(SPOOL_MEBIBYTES << 20, (SPOOL_MEBIBYTES + 1) << 20);
    Instant asked = Instant.now();
    JsonNode health = health(adminPort);
    assertThat(Duration.between(asked, Instant.now()))
        .as("whoever watches gets an answer")
        .isLessThan(LONGEST_ANSWER);
    assertThat(health.path("healthy").asBoolean()).isFalse();
    assertThat(health.path("message").asText()).startsWith("STALLED since");
    load(server);
    // What the server keeps for us is seen to grow, though nothing of it is read.
    service.wal(PLAN, one -> one.path("lagBytes").asLong() > 3 * LOAD_MEBIBYTES << 20);
    assertThat(admin(adminPort, "/metrics").body())
        .contains(
            "lifeboat_wal_state{plan=\"bank-nightly\",source=\"bank\",state=\"stalled\"} 1.0");
  }

  /** Somebody writes more than half of what the spool takes, besides the moves of money. */
  private static void load(SourceCluster server) {
    server.sql(
        "SELECT pg_logical_emit_message(false, 'load', repeat('x', 1 << 20))"
            + " FROM generate_series(1, "
            + LOAD_MEBIBYTES
            + ")");
  }

  private JsonNode health(int adminPort) throws Exception {
    return new ObjectMapper().readTree(admin(adminPort, "/healthcheck").body()).path("wal-" + PLAN);
  }

  private HttpResponse<String> admin(int port, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        BodyHandlers.ofString());
  }

  private static Instant recoveryPoint(JsonNode stream) {
    return stream.has("recoveryPoint")
        ? Instant.parse(stream.path("recoveryPoint").asText())
        : Instant.EPOCH;
  }

  private void holds(Node node, String name, Story story, Instant then, String... target)
      throws Exception {
    Path data = node.restored("bank", folder.resolve(name), target);
    try (SourceCluster copy = SourceCluster.restored(data).recovered()) {
      Bank.requireAsOf(copy, story.moves(), then, name + ", seed " + seed + ", as of " + then);
    }
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String configuration(SourceCluster server, S3Process bucket, int adminPort) {
    return """
    server:
      applicationConnectors: [{ type: http, bindHost: 127.0.0.1, port: 0 }]
      adminConnectors: [{ type: http, bindHost: 127.0.0.1, port: %d }]
      requestLog: { appenders: [] }
    logging: { level: WARN, loggers: { io.lifeboat.app.WalStreams: INFO } }
    keys: { recovery: recovery-kit.txt }
    repositories:
      primary:
        store: %s
    sources:
      bank: { type: postgres, url: "%s", password: unused, truth: { budget: PT0S } }
    plans:
      bank-nightly: { source: bank, repository: primary, wal: { flush: PT0.5S, spool: %dMiB } }
    """
        .formatted(adminPort, bucket.yaml(), server.url("postgres"), SPOOL_MEBIBYTES);
  }
}
