package io.lifeboat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.error.ErrorCode;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * While a service is away somebody drops its slot, and the server removes WAL that the service has
 * not: it says so, takes a new backup by itself, and what comes after that backup can be restored
 * to any moment again. A moment in the gap is refused.
 */
@Tag("slow")
class WalGapTest {
  private static final String PLAN = "bank-nightly";
  private static final String SLOT = "lifeboat_bank_nightly";
  private static final int MAJOR = 18;
  private static final int SEGMENT_MEGABYTES = 1;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  /** How a service is away. */
  enum Away {
    KILLED,
    HELD
  }

  /** What came when. */
  private record Story(
      List<Bank.Move> moves, Instant before, Instant inTheGap, Instant after, String newBackup) {}

  @ParameterizedTest
  @EnumSource
  void aGapBringsANewBackupByItself(Away away) throws Exception {
    System.out.println("seed " + seed);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Node node = new Node(folder.resolve("node"));
    Story story;
    try (SourceCluster server =
        SourceCluster.start(
            MAJOR,
            SEGMENT_MEGABYTES,
            Files.createDirectories(folder.resolve("server")),
            Map.of("min_wal_size", "2MB"))) {
      Bank.found(server);
      node.serving("bank", server, ", truth: { budget: PT0S }", "{ flush: PT0.2S }").done("init");
      story = loseWal(node, server, away);
      server.stop("QUIT");
    }
    holds(node, "before", story, story.before());
    holds(node, "after", story, story.after());

    JsonNode ranges = node.done("wal", "--source", "bank").path("ranges");
    assertThat(ranges).hasSize(2);
    JsonNode first = ranges.path(0);
    JsonNode second = ranges.path(1);
    assertThat(second.path("snapshot").asText()).isEqualTo(story.newBackup());
    assertThat(story.inTheGap()).isBetween(instant(first, "coveredUpTo"), instant(second, "from"));
    node.refused(
            "restore",
            "--source",
            "bank",
            "--at",
            story.inTheGap().toString(),
            "--target",
            folder.resolve("refused").toString())
        .is(ErrorCode.TARGET_NOT_COVERED, instant(first, "coveredUpTo").toString());
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  private Story loseWal(Node node, SourceCluster server, Away away) throws Exception {
    try (var bank = Bank.open(server, 2)) {
      String token;
      Instant before;
      Instant inTheGap;
      try (var service = ServiceProcess.start(node.path(""), Optional.empty())) {
        token = service.token();
        service.wal(PLAN, stream -> stream.path("state").asText().equals("STREAMING"));
        service.done(service.begin("/v1/backups", "{\"plan\":\"" + PLAN + "\"}"));
        Instant opened = Instant.now();
        before = Bank.between(random, opened, streamedBeyond(service, opened.plusSeconds(1)));
        if (away == Away.HELD) {
          service.hold();
          inTheGap = removeWal(server);
          service.resume();
          return behindTheGap(service, bank, before, inTheGap);
        }
        service.killAfter(Duration.ZERO);
      }
      inTheGap = removeWal(server);
      try (var service = ServiceProcess.start(node.path(""), Optional.of(token))) {
        return behindTheGap(service, bank, before, inTheGap);
      }
    }
  }

  /** Answers a moment of which WAL is missing. */
  private static Instant removeWal(SourceCluster server) throws Exception {
    String received = server.ask("SELECT pg_walfile_name(pg_current_wal_lsn())");
    server.sql(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active",
        // Waits for the end of whoever had it.
        "DO $$ BEGIN"
            + " WHILE EXISTS (SELECT FROM pg_replication_slots WHERE active)"
            + " LOOP PERFORM pg_sleep(0.02); END LOOP; END $$",
        "SELECT pg_drop_replication_slot('" + SLOT + "')");
    Instant dropped = Instant.now();
    turnOverBeyond(server, received);
    Instant inTheGap = Instant.now();
    assertThat(inTheGap).isAfter(dropped);
    turnOverBeyond(server, server.ask("SELECT pg_walfile_name(pg_current_wal_lsn())"));
    return inTheGap;
  }

  /** Until the server has removed this segment. */
  private static void turnOverBeyond(SourceCluster server, String segment) {
    String oldest =
        "SELECT min(name) > '" + segment + "' FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'";
    while (!server.ask(oldest).equals("t")) {
      server.sql("SELECT pg_switch_wal()", "CHECKPOINT");
    }
  }

  private Story behindTheGap(ServiceProcess service, Bank bank, Instant before, Instant inTheGap)
      throws Exception {
    service.awaitLogged("event=wal plan=" + PLAN, "state=SLOT_LOST", "dropped", SLOT);
    service.awaitLogged("event=wal plan=" + PLAN, "state=GAP", "is missing for good");
    service.awaitLogged("event=wal plan=" + PLAN, "A full backup was taken behind the gap");
    JsonNode newest = service.backups(PLAN).path(0);
    assertThat(newest.path("trigger").asText()).as(newest.toPrettyString()).isEqualTo("SCHEDULE");
    assertThat(newest.path("state").asText()).isEqualTo("SUCCEEDED");
    Instant backedUp = Instant.now();
    Instant shown = streamedBeyond(service, backedUp.plusSeconds(1));
    JsonNode stream = service.wal(PLAN, one -> one.path("state").asText().equals("STREAMING"));
    assertThat(stream.has("gap")).as(stream.toPrettyString()).isFalse();
    assertThat(service.backups(PLAN)).as("one is enough").hasSize(2);
    return new Story(
        bank.close(true),
        before,
        inTheGap,
        Bank.between(random, backedUp, shown),
        newest.path("result").path("snapshot").asText());
  }

  private static Instant streamedBeyond(ServiceProcess service, Instant moment) throws Exception {
    JsonNode stream =
        service.wal(
            PLAN,
            one ->
                one.has("recoveryPoint")
                    && Instant.parse(one.path("recoveryPoint").asText()).isAfter(moment));
    return Instant.parse(stream.path("recoveryPoint").asText());
  }

  private void holds(Node node, String name, Story story, Instant then) throws Exception {
    Path data = node.restored("bank", folder.resolve(name), "--at", then.toString());
    try (SourceCluster copy = SourceCluster.restored(data).recovered()) {
      Bank.requireAsOf(copy, story.moves(), then, "seed " + seed + ", as of " + then);
    }
  }

  private static Instant instant(JsonNode range, String name) {
    return Instant.parse(range.path(name).asText());
  }
}
