package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.SourceCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that streams WAL is killed again and again while somebody commits; then the server is
 * lost. What was acknowledged before the recovery point that the service showed last comes back
 * from the repository and the kit alone, and any moment before it can be had.
 */
@Tag("slow")
class StreamedWalTest {
  private static final int KILLS = Integer.getInteger("lifeboat.walKills", 4);
  private static final Duration LONGEST_LIFE = Duration.ofSeconds(3);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @Test
  void whatWasCommittedBeforeTheRecoveryPointOutlivesServiceAndServer() throws Exception {
    System.out.println("seed " + seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    Instant shown;
    List<Payment> paid;
    try (SourceCluster server =
        SourceCluster.start(Files.createDirectories(folder.resolve("server")))) {
      server.sql("CREATE TABLE paid (id bigserial PRIMARY KEY, at timestamptz NOT NULL)");
      node.serving("shop", server, "", "{ flush: PT0.2S }").done("init");
      try (var payments = new Payments(server)) {
        shown = streamAndBeKilled(node, payments);
        paid = payments.acknowledged();
      }
    }
    System.out.println(
        "killed " + KILLS + " times, " + paid.size() + " payments, recovery point " + shown);
    assertThat(paid).hasSizeGreaterThan(100);

    assertIsThere(restored(node, "latest", "--timeline", "latest"), paid, shown);
    Instant then = between(paid.getFirst().at(), shown);
    List<Long> ids = restored(node, "then", "--at", then.toString());
    List<Long> until =
        paid.stream().filter(one -> !one.at().isAfter(then)).map(Payment::id).toList();
    assertThat(until).as("seed %d, as of %s", seed, then).startsWith(ids.toArray(Long[]::new));
    assertThat(until.size() - ids.size()).as("on their way just then").isBetween(0, 1);
  }

  /** Answers the recovery point that the service showed before it was killed for the last time. */
  private Instant streamAndBeKilled(Node node, Payments payments) throws Exception {
    Optional<String> token;
    try (var service = ServiceProcess.start(node.path(""), Optional.empty())) {
      token = Optional.of(service.token());
      service.plan("shop-nightly", plan -> ServiceProcess.walState(plan).equals("STREAMING"));
      service.done(service.begin("/v1/backups", "{\"plan\":\"shop-nightly\"}"));
      payments.begin();
      service.killAfter(Duration.ofMillis(500));
    }
    for (int kill = 1; kill < KILLS; kill++) {
      try (var service = ServiceProcess.start(node.path(""), token)) {
        // Not to wait for anything: to strike at another moment each time.
        service.killAfter(Duration.ofMillis(random.nextLong(LONGEST_LIFE.toMillis())));
      }
    }
    try (var service = ServiceProcess.start(node.path(""), token)) {
      Instant started = Instant.now();
      JsonNode plan =
          service.plan(
              "shop-nightly", shown -> ServiceProcess.recoveryPoint(shown).isAfter(started));
      assertThat(plan.path("wal").has("gap")).as(plan.toString()).isFalse();
      service.killAfter(Duration.ZERO);
      return ServiceProcess.recoveryPoint(plan);
    }
  }

  private void assertIsThere(List<Long> restored, List<Payment> paid, Instant shown) {
    List<Long> promised =
        paid.stream().filter(one -> one.at().isBefore(shown)).map(Payment::id).toList();
    assertThat(restored).as("seed %d", seed).containsAll(promised);
    for (int i = 0; i < restored.size(); i++) {
      assertThat(restored.get(i)).as("seed %d, none in between is missing", seed).isEqualTo(i + 1L);
    }
  }

  private List<Long> restored(Node node, String name, String... target) throws Exception {
    Path data = node.restored("shop", folder.resolve(name), target);
    try (SourceCluster copy = SourceCluster.restored(data).recovered()) {
      String ids = copy.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM paid");
      List<Long> all = new ArrayList<>();
      for (String id : ids.split(",")) {
        all.add(Long.valueOf(id));
      }
      return all;
    }
  }

  private Instant between(Instant from, Instant to) {
    long millis = Math.max(1, Duration.between(from, to).toMillis());
    return from.plusMillis(random.nextLong(millis));
  }

  /** A transaction that was acknowledged; its time is from before it was committed. */
  private record Payment(long id, Instant at) {}

  /** Commits one after the other. */
  private static final class Payments implements AutoCloseable {
    private final SourceCluster server;
    private final List<Payment> acknowledged = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = Thread.ofPlatform().unstarted(this::pay);
    private volatile boolean ended;

    Payments(SourceCluster server) {
      this.server = server;
    }

    void begin() {
      thread.start();
    }

    private void pay() {
      try {
        while (!ended) {
          String[] row =
              server
                  .ask(
                      "INSERT INTO paid (at) VALUES (clock_timestamp()) RETURNING id || ' ' ||"
                          + " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                  .split(" ");
          acknowledged.add(new Payment(Long.parseLong(row[0]), Instant.parse(row[1])));
        }
      } catch (RuntimeException | Error e) {
        failure.set(e);
      }
    }

    /** All of them, in their order. */
    List<Payment> acknowledged() throws InterruptedException {
      ended = true;
      thread.join();
      assertThat(failure.get()).isNull();
      return List.copyOf(acknowledged);
    }

    @Override
    public void close() throws InterruptedException {
      ended = true;
      thread.join();
    }
  }
}
