package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.postgres.WalSource.EmbeddedClusterCopy;
import io.lifeboat.repository.WalPiece;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real server's snapshots and write-ahead log, restored to each kind of point in time. */
@Tag("slow")
class PointInTimeTest {
  private static final String ROWS = "SELECT string_agg(n::text, ',' ORDER BY n) FROM orders";

  @TempDir Path folder;

  /** What happened, and when. */
  private record Story(String first, Instant two, Instant last, String xid, String lsn) {}

  /** Rows 1 (in the snapshot), 2, 3 to 6, and then the table is dropped. */
  private Story tell(RecoverableShop shop) throws Exception {
    var server = shop.server;
    Path space = Files.createDirectories(folder.resolve("space"));
    server.sql(
        "CREATE TABLESPACE space LOCATION '" + space + "'",
        "CREATE TABLE orders (n int) TABLESPACE space",
        "CREATE UNLOGGED TABLE scribbles (n int)",
        "INSERT INTO scribbles VALUES (1)",
        "INSERT INTO orders VALUES (1)");
    String snapshot = shop.backUp();
    server.sql("INSERT INTO orders VALUES (2)");
    Instant two = server.now();
    server.sql(
        "SELECT lo_from_bytea(4711, 'a large object')",
        "BEGIN; INSERT INTO orders VALUES (4); PREPARE TRANSACTION 'later'",
        "INSERT INTO orders VALUES (3)",
        "SELECT pg_switch_wal()");
    String xid =
        server.ask(
            "WITH t AS (INSERT INTO orders VALUES (5) RETURNING 1) SELECT"
                + " pg_current_xact_id() FROM t");
    server.sql("SELECT pg_create_restore_point('before the release')", "COMMIT PREPARED 'later'");
    shop.ship();
    String lsn = server.ask("SELECT pg_current_wal_flush_lsn()");
    server.sql("INSERT INTO orders VALUES (6)");
    Instant last = server.now();
    server.sql("DROP TABLE orders");
    return new Story(snapshot, two, last, xid, lsn);
  }

  @Test
  void aClusterComesBackAsOfEachKindOfPoint() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      Story story = tell(shop);
      shop.ship();

      JsonNode answer = at(shop, "time", "1,2,3,4,5,6", "--at", story.last().toString());
      assertThat(answer.path("snapshot").asText()).isEqualTo(story.first());
      assertThat(answer.path("timeline").asInt()).isEqualTo(1);
      assertThat(answer.path("recoveryTarget").asText()).isEqualTo(story.last().toString());
      assertThat(Instant.parse(answer.path("coveredUpTo").asText())).isAfter(story.last());
      assertThat(shop.read("time/postgresql.auto.conf")).contains("archive_mode = 'off'");
      at(shop, "name", "1,2,3,5", "--restore-point", "before the release");
      at(shop, "xid", "1,2,3,5", "--xid", story.xid());
      at(shop, "before-xid", "1,2,3", "--xid", story.xid(), "--exclusive");
      at(shop, "lsn", "1,2,3,4,5", "--lsn", story.lsn(), "--exclusive");
      at(shop, "immediate", "1", "--immediate");
    }
  }

  /** Restores, starts, and looks at the rows. */
  private JsonNode at(RecoverableShop shop, String target, String rows, String... arguments)
      throws Exception {
    JsonNode answer = shop.restore(target, arguments);
    try (EmbeddedClusterCopy copy = shop.server.copy(shop.path(target)).start()) {
      assertThat(copy.ask(ROWS)).as(target).isEqualTo(rows);
      assertThat(copy.ask("SELECT count(*) FROM scribbles")).isEqualTo("0");
      assertThat(copy.ask("SELECT count(*) FROM pg_largeobject_metadata"))
          .isEqualTo(rows.equals("1") ? "0" : "1");
      assertThat(copy.ask("SHOW archive_mode")).isEqualTo("off");
      assertThat(
              copy.ask(
                  "SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE"
                      + " spcname = 'space'"))
          .startsWith(shop.path(target + ".tablespaces").toString());
      copy.sql("INSERT INTO orders VALUES (100)");
      // Whatever was prepared by then still waits for its end.
      assertThat(copy.ask("SELECT count(*) FROM pg_prepared_xacts"))
          .isEqualTo(rows.startsWith("1,2,3") && !rows.contains("4") ? "1" : "0");
    }
    return answer;
  }

  @ParameterizedTest
  @ValueSource(ints = 15)
  void theOldestServerToo(int major) throws Exception {
    try (var shop = new RecoverableShop(major, folder)) {
      Story story = tell(shop);
      shop.ship();
      at(shop, "time", "1,2,3,4,5,6", "--at", story.last().toString());
      assertThat(shop.done("wal", "--source", "shop").path("ranges")).hasSize(1);
      shop.restoreRefused("TARGET_NOT_COVERED", "--restore-point", "never");
    }
  }

  @Test
  void whatIsNotCoveredIsRefusedBeforeAnythingIsWritten() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      Story story = tell(shop);
      JsonNode range = shop.done("wal", "--source", "shop").path("ranges").path(0);
      Instant covered = Instant.parse(range.path("coveredUpTo").asText());
      assertThat(range.path("snapshot").asText()).isEqualTo(story.first());
      Instant complete = Instant.parse(range.path("from").asText());

      for (String[] target :
          List.of(
              new String[] {"--at", story.last().toString()},
              new String[] {"--xid", "4000000000"},
              new String[] {"--restore-point", "never"},
              new String[] {"--lsn", "7F/0"})) {
        JsonNode error = shop.restoreRefused("TARGET_NOT_COVERED", target);
        assertThat(error.path("message").asText()).contains(covered.toString());
      }
      assertThat(
              shop.restoreRefused("TARGET_NOT_COVERED", "--at", complete.minusNanos(1000) + "")
                  .path("message")
                  .asText())
          .contains(story.first())
          .contains(complete.toString());
      shop.restoreRefused("TARGET_NOT_COVERED", "--timeline", "7", "--at", covered.toString());
      assertThat(
              shop.restoreRefused("USAGE_INVALID", "--at", "2026-11-29T15:03:00")
                  .path("hint")
                  .asText())
          .contains("2026-11-29T15:03:00+01:00");
      assertThat(shop.path("refused")).doesNotExist();

      // To the very end there is no record behind the target, and none is waited for.
      at(shop, "end", "1,2,3,4,5", "--at", covered.toString());
      at(shop, "latest", "1,2,3,4,5", "--timeline", "latest");
    }
  }

  @Test
  void aHoleEndsWhatIsCoveredAndDamageStopsTheRestoreLoudly() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      var server = shop.server;
      server.sql("CREATE TABLE orders (n int)", "INSERT INTO orders VALUES (1)");
      shop.backUp();
      server.sql("INSERT INTO orders VALUES (2)");
      Instant covered = server.now();
      shop.ship();
      server.sql("INSERT INTO orders SELECT n FROM generate_series(3, 60000) n");
      List<WalPiece> pieces = shop.ship();
      server.sql("INSERT INTO orders VALUES (-1)");
      Instant last = server.now();
      server.sql("INSERT INTO orders VALUES (-2)");
      shop.ship();
      assertThat(pieces.size()).isGreaterThan(3);

      // Not one that is read to find the target: it is found when all are fetched.
      Path object = shop.object(pieces.getFirst());
      byte[] bytes = Files.readAllBytes(object);
      byte[] damaged = bytes.clone();
      damaged[damaged.length / 2] ^= 1;
      Files.write(object, damaged);
      shop.restoreRefused("OBJECT_DAMAGED", "--at", last.toString());
      // What lies there says of itself that it was not finished, and would not recover.
      assertThat(shop.path("refused/recovery.signal")).doesNotExist();
      assertThat(shop.path("refused/LIFEBOAT-RESTORE-UNFINISHED")).exists();

      Files.delete(object);
      shop.refused(
          "TARGET_NOT_COVERED",
          "restore",
          "--source",
          "shop",
          "--at",
          last.toString(),
          "--target",
          shop.path("hole").toString());
      assertThat(shop.path("hole")).doesNotExist();
      shop.restore("before", "--at", covered.toString());
      try (EmbeddedClusterCopy copy = server.copy(shop.path("before")).start()) {
        assertThat(copy.ask(ROWS)).isEqualTo("1,2");
      }
    }
  }

  @Test
  void aPromotionIsFollowedAndTheTimelineBeforeItStaysWithinReach() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      var server = shop.server;
      server.sql("CREATE TABLE orders (n int)", "INSERT INTO orders VALUES (1)");
      shop.backUp();
      server.sql("INSERT INTO orders VALUES (2)");
      Instant two = server.now();
      server.sql("INSERT INTO orders VALUES (3)");
      shop.ship();
      Path other = shop.path("other");
      shop.restore("other", "--at", two.toString());
      Instant four;
      try (EmbeddedClusterCopy promoted = server.copy(other).start()) {
        promoted.sql("INSERT INTO orders VALUES (4)");
        four = server.now();
        promoted.sql("INSERT INTO orders VALUES (5)");
        shop.ship(promoted, other, 2);
      }
      server.sql("INSERT INTO orders VALUES (6)");
      shop.ship();

      rows(shop, "second", "1,2,4", "--at", four.toString());
      rows(shop, "ancestor", "1,2", "--at", two.toString());
      rows(shop, "first", "1,2,3", "--at", four.toString(), "--timeline", "1");
      rows(shop, "own", "1,2,3,6", "--timeline", "snapshot");
      // A copy that ends on the first timeline begins one that nobody had.
      assertThat(shop.path("first/pg_wal/00000003.history")).exists();
      assertThat(shop.done("wal", "--source", "shop").path("ranges").findValuesAsText("timeline"))
          .containsExactly("1", "2");
    }
  }

  private void rows(RecoverableShop shop, String target, String rows, String... arguments)
      throws Exception {
    shop.restore(target, arguments);
    try (EmbeddedClusterCopy copy = shop.server.copy(shop.path(target)).start()) {
      assertThat(copy.ask(ROWS)).as(target).isEqualTo(rows);
    }
  }

  @Test
  void theNewestSnapshotBeforeTheTargetIsTakenAndLimitsThatRoseAreMet() throws Exception {
    try (var shop = new RecoverableShop(18, folder)) {
      var server = shop.server;
      server.sql("CREATE TABLE orders (n int)");
      String first = shop.backUp();
      server.sql("INSERT INTO orders VALUES (1)");
      Instant one = server.now();
      TimeUnit.MILLISECONDS.sleep(5);
      String second = shop.backUp();
      server.sql("ALTER SYSTEM SET max_connections = 77", "INSERT INTO orders VALUES (2)");
      server.restart("max_connections", "77");
      server.sql("INSERT INTO orders VALUES (3)");
      Instant three = server.now();
      server.sql("INSERT INTO orders VALUES (4)");
      shop.ship();

      JsonNode early = shop.restore("early", "--at", one.toString());
      assertThat(early.path("snapshot").asText()).isEqualTo(first);
      JsonNode late = shop.restore("late", "--at", three.toString());
      assertThat(late.path("snapshot").asText()).isEqualTo(second);
      try (EmbeddedClusterCopy copy = server.copy(shop.path("late")).start()) {
        assertThat(copy.ask(ROWS)).isEqualTo("1,2,3");
        assertThat(copy.ask("SHOW max_connections")).isEqualTo("77");
      }
    }
  }
}
