package io.lifeboat.wal;

import static io.lifeboat.wal.WalFixture.await;
import static io.lifeboat.wal.WalFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.ReplicationConnection;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.postgres.TimelineHistory;
import io.lifeboat.postgres.WalStream.Message;
import io.lifeboat.repository.WalArchive;
import io.lifeboat.wal.WalOptions.Acknowledge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real primary dies, and its standby takes over. */
@Tag("slow")
class WalFailoverTest {
  private static final int SEGMENT = 1 << 20;
  private static final String WRITE =
      "INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 20000) n";

  @TempDir Path folder;

  @Test
  void theStreamGoesOnWithTheTimelineOfWhoeverTookOver() throws Exception {
    try (SourceCluster primary =
        SourceCluster.start(18, 1, folder.resolve("primary"), Map.of("autovacuum", "off"))) {
      primary.sql("CREATE TABLE t (v text)");
      try (SourceCluster standby = primary.standby(folder.resolve("standby"))) {
        var behind = new WalFixture(folder.resolve("behind"));
        Lsn start = receiveALittle(behind, primary);
        var ahead = new WalFixture(folder.resolve("ahead"));
        try (WalReceiver ofPrimary =
            ahead.start(primary, options("ahead", Acknowledge.REPOSITORY))) {
          var follows = new WalFixture(folder.resolve("follows"));
          try (WalReceiver ofStandby =
              follows.start(standby, options("follows", Acknowledge.LOCAL))) {
            primary.sql(WRITE, WRITE);
            awaitReplayed(standby, ahead.awaitDurable(ofPrimary, primary));
            await("both stream", () -> ofStandby.status().state() == WalState.STREAMING);
            cutOff(primary, standby);
            primary.sql(WRITE);
            ahead.awaitDurable(ofPrimary, primary);
            primary.stop("QUIT");
            assertThat(standby.ask("SELECT pg_promote()")).isEqualTo("t");
            standby.sql(WRITE);
            follows.awaitDurable(ofStandby, standby);
            assertThat(follows.events)
                .as("in the same session")
                .extracting(WalEvent::state)
                .doesNotContain(WalState.STALLED);
            assertFollowed(follows, ofStandby, standby, start);
          }
          standby.stop("INT");
          standby.restart(primary.server().address().port());
          standby.sql(WRITE);
          ahead.awaitDurable(ofPrimary, standby);
          assertFollowed(ahead, ofPrimary, standby, start);
          TimelineHistory history = ahead.history(standby, 2);
          assertThat(ahead.coverage(standby, SEGMENT).ranges().get(1).getLast().to())
              .as("a dead end of the old timeline was received")
              .isGreaterThan(history.endOf(1).orElseThrow());
          assertStartAtTheSwitchIsAnswered(standby, history);
        }
        try (WalReceiver late = behind.start(standby, options("behind", Acknowledge.LOCAL))) {
          behind.awaitDurable(late, standby);
          assertFollowed(behind, late, standby, start);
        }
      }
    }
  }

  /** And stops; answers where it began. */
  private static Lsn receiveALittle(WalFixture fixture, SourceCluster primary) {
    try (WalReceiver receiver = fixture.start(primary, options("behind", Acknowledge.LOCAL))) {
      fixture.awaitDurable(receiver, primary);
    }
    return fixture.coverage(primary, SEGMENT).ranges().get(1).getFirst().from();
  }

  /** The standby gets no more of what the primary writes. */
  private static void cutOff(SourceCluster primary, SourceCluster standby) {
    standby.sql("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
    await(
        "the standby is cut off",
        () ->
            primary
                .ask(
                    "SELECT count(*) FROM pg_stat_replication WHERE application_name ="
                        + " 'walreceiver'")
                .equals("0"));
  }

  private static void awaitReplayed(SourceCluster standby, Lsn position) {
    await(
        "replayed",
        () -> standby.ask("SELECT pg_last_wal_replay_lsn() >= '" + position + "'").equals("t"));
  }

  private static void assertFollowed(
      WalFixture fixture, WalReceiver receiver, SourceCluster promoted, Lsn start)
      throws Exception {
    assertThat(receiver.status().gap()).isEmpty();
    assertThat(receiver.status().progress().orElseThrow().timeline()).isEqualTo(2);
    WalArchive archive = fixture.archive(promoted);
    assertThat(archive.list().histories()).containsExactly(2);
    assertThat(archive.history(2))
        .isEqualTo(Files.readAllBytes(promoted.data().resolve("pg_wal/00000002.history")));
    WalCoverage.Reach reach =
        fixture.coverage(promoted, SEGMENT).along(start, fixture.history(promoted, 2));
    assertThat(reach.gap()).isEmpty();
    assertThat(reach.to().timeline()).isEqualTo(2);
    assertThat(fixture.compare(promoted, SEGMENT, 2)).isPositive();
  }

  /** There is no stream then, and the session can be used for the next command. */
  private static void assertStartAtTheSwitchIsAnswered(
      SourceCluster server, TimelineHistory history) {
    try (var connection = ReplicationConnection.openForWal(server.server().address())) {
      connection.createSlot("at_the_switch");
      Lsn end = history.endOf(1).orElseThrow();
      assertThat(connection.streamWal("at_the_switch", end, 1).next(Duration.ofSeconds(10)))
          .isEqualTo(new Message.TimelineEnd(2, end));
      assertThat(connection.timelineHistory(7)).isEmpty();
      connection.dropSlot("at_the_switch");
    }
  }

  @Test
  @Timeout(120)
  void aServerCanShutDownWhileTheStoreIsAwayAndAnotherClusterIsNeverMixedIn() throws Exception {
    var fixture = new WalFixture(folder.resolve("repository"));
    try (SourceCluster first = SourceCluster.start(folder.resolve("first"))) {
      try (WalReceiver receiver = fixture.start(first, options("s", Acknowledge.REPOSITORY))) {
        fixture.awaitDurable(receiver, first);
        fixture.store.away(true);
        first.sql("CREATE TABLE t (v text)");
        await("told", () -> fixture.wasTold(StallReason.BUCKET_AWAY));
        first.stop("INT");
        await("told", () -> fixture.wasTold(StallReason.SERVER_AWAY));
        assertThat(receiver.status().lastError()).get().asString().contains("shuts down");
      }
    }
    try (SourceCluster second = SourceCluster.start(folder.resolve("second"));
        WalReceiver receiver = fixture.start(second, options("s", Acknowledge.LOCAL))) {
      await("told", () -> fixture.wasTold(StallReason.SERVER_REFUSES));
      assertThat(receiver.status().lastError()).get().asString().contains("another cluster");
      assertThat(second.ask("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
    }
  }
}
