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
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose {@code archive_command} is {@code scripts/lifeboat wal-push}: to a service that is
 * killed in the middle, without a service, and to one again. Nothing is lost, and any moment that
 * is said to be covered can be had.
 */
@Tag("slow")
class PushedWalTest {
  private static final String PLAN = "shop-nightly";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @Test
  void whatWasHandedOverOutlivesServiceAndServer() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    InstalledLifeboat installed = InstalledLifeboat.in(folder.resolve("installed"));
    Instant covered;
    List<Instant> paid = new ArrayList<>();
    try (SourceCluster server =
        SourceCluster.start(
            15, 1, Files.createDirectories(folder.resolve("server")), archiving(installed, node))) {
      server.sql("CREATE TABLE paid (id bigint PRIMARY KEY, v text)");
      node.serving("shop", server, "", "{ transport: push }").done("init");
      Optional<String> token;
      try (var service = ServiceProcess.start(node.path(""), Optional.empty())) {
        token = Optional.of(service.token());
        service.done(service.begin("/v1/backups", "{\"plan\":\"" + PLAN + "\"}"));
        pay(server, paid, 5);
        service.plan(PLAN, plan -> ServiceProcess.walState(plan).equals("STREAMING"));
        pay(server, paid, 5);
        service.killAfter(Duration.ZERO);
      }
      // Nobody listens: each is taken by a command of its own.
      awaitArchived(server, first(server));
      server.sql("INSERT INTO paid VALUES (" + (paid.size() + 1) + ", 'x')");
      paid.add(now(server));
      try (var service = ServiceProcess.start(node.path(""), token)) {
        pay(server, paid, 5);
        Instant last = paid.getLast();
        awaitArchived(server, switched(server));
        JsonNode plan =
            service.plan(PLAN, shown -> !ServiceProcess.recoveryPoint(shown).isBefore(last));
        assertThat(plan.path("wal").has("gap")).as(plan.toString()).isFalse();
        covered = ServiceProcess.recoveryPoint(plan);
        service.killAfter(Duration.ZERO);
      }
      assertThat(covered).as("no more than was committed").isBeforeOrEqualTo(now(server));
    }
    JsonNode range = node.done("wal", "--source", "shop").path("ranges").path(0);
    assertThat(Instant.parse(range.path("coveredUpTo").asText()))
        .as("%s", range)
        .isAfterOrEqualTo(covered);

    assertThat(restored(node, "latest", "--timeline", "latest"))
        .as("seed %d", seed)
        .isEqualTo(LongStream.rangeClosed(1, paid.size()).boxed().toList());
    int count = 1 + random.nextInt(paid.size() - 1);
    Instant then = paid.get(count - 1);
    assertThat(restored(node, "then", "--at", then.toString()))
        .as("seed %d, as of %s", seed, then)
        .isEqualTo(LongStream.rangeClosed(1, count).boxed().toList());
  }

  /** Commits some, each with a megabyte and more behind it; remembers when each was there. */
  private static void pay(SourceCluster server, List<Instant> paid, int count) {
    for (int i = 0; i < count; i++) {
      server.sql("INSERT INTO paid VALUES (" + (paid.size() + 1) + ", 'x')");
      paid.add(now(server));
      server.sql(
          "DROP TABLE IF EXISTS filler",
          "CREATE TABLE filler AS SELECT md5(n::text) FROM generate_series(1, 20000) n");
    }
  }

  private static Instant now(SourceCluster server) {
    return Instant.parse(
        server.ask(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC',"
                + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
  }

  /** Closes the segment that is open; answers its name. */
  private static String switched(SourceCluster server) {
    return server.ask("SELECT pg_walfile_name(pg_switch_wal())");
  }

  /** The one that waits longest, or the newest if none does. */
  private static String first(SourceCluster server) {
    return server.ask(
        "SELECT coalesce(min(left(name, 24)), pg_walfile_name(pg_switch_wal())) FROM"
            + " pg_ls_archive_statusdir() WHERE name LIKE '%.ready'");
  }

  private static void awaitArchived(SourceCluster server, String segment) throws Exception {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    String last = "";
    while (last.compareTo(segment) < 0) {
      last = server.ask("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver");
      assertThat(System.nanoTime())
          .as("%s", server.ask("SELECT pg_stat_archiver::text FROM pg_stat_archiver"))
          .isLessThan(deadlineNanos);
      Thread.onSpinWait();
    }
  }

  private List<Long> restored(Node node, String name, String... target) throws Exception {
    Path data = node.restored("shop", folder.resolve(name), target);
    try (SourceCluster copy =
        SourceCluster.restored(
                SourceCluster.versionsSince(15).stream()
                    .filter(one -> one.major() == 15)
                    .findFirst()
                    .orElseThrow(),
                data)
            .recovered()) {
      List<Long> all = new ArrayList<>();
      String ids = copy.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM paid");
      for (String id : ids.split(",")) {
        all.add(Long.valueOf(id));
      }
      return all;
    }
  }

  private static Map<String, String> archiving(InstalledLifeboat installed, Node node) {
    return Map.of(
        "archive_mode",
        "on",
        "archive_command",
        "JAVA_HOME="
            + System.getProperty("java.home")
            + " "
            + installed.script()
            + " wal-push --config "
            + node.path("config.yml")
            + " --plan "
            + PLAN
            + " --socket "
            + node.path("var/push/socket")
            + " \"%p\"",
        "autovacuum",
        "off");
  }
}
