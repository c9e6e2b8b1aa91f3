package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.backup.Events;
import io.lifeboat.postgres.TruthManifest.Newest;
import io.lifeboat.postgres.TruthManifest.Relation;
import io.lifeboat.progress.Progress;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of a server for certain, while others write, lock and forbid. */
@Tag("slow")
class TruthInspectionTest {
  /** Behind everything that these servers write. */
  private static final Lsn ANY_END = SourceCluster.ANY_END;

  private static final Duration BUDGET = Duration.ofSeconds(20);
  private static final RowCount CHANGED =
      new RowCount.NotCounted("it changed while it was counted");

  @TempDir static Path folder;
  private static EmbeddedCluster newest;

  @BeforeAll
  static void startServer() throws Exception {
    newest = EmbeddedCluster.create(EmbeddedPrograms.unpacked(), folder.resolve("newest"));
    // Nobody but the tests writes.
    newest.start(Map.of("autovacuum", "off", "work_mem", "5MB", "app.token", "sesame"));
    newest.sql("CREATE ROLE reader LOGIN REPLICATION PASSWORD 'right'");
  }

  @AfterAll
  static void stopServer() throws Exception {
    newest.close();
  }

  @BeforeEach
  void makeDatabase() {
    newest.sql("DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void whereNobodyWritesEverythingIsExact(int olderBy) throws Exception {
    PostgresPrograms programs = EmbeddedPrograms.ofEveryVersion().get(olderBy);
    try (var cluster = EmbeddedCluster.create(programs, folder.resolve("quiet" + olderBy))) {
      cluster.start(Map.of("autovacuum", "off", "archive_command", "swordfish"));
      cluster.sql(
          "CREATE ROLE clerk LOGIN PASSWORD 'swordfish' CONNECTION LIMIT 3",
          "CREATE ROLE desk NOLOGIN",
          "GRANT desk TO clerk",
          "CREATE TABLE orders (id bigserial PRIMARY KEY, note text)",
          "INSERT INTO orders (note) SELECT n::text FROM generate_series(1, 500) AS n",
          "CREATE TABLE \"it's \\ \"\"odd\"\"\" (at timestamptz PRIMARY KEY)",
          "INSERT INTO \"it's \\ \"\"odd\"\"\" VALUES ('2026-01-31 12:00Z')",
          "CREATE UNLOGGED TABLE cache (n int)",
          "CREATE VIEW seen AS SELECT * FROM orders",
          "CREATE MATERIALIZED VIEW kept AS SELECT * FROM orders WHERE id < 8");
      TruthManifest truth = untouched(cluster.superuser());

      assertThat(truth.gaps()).isEmpty();
      Map<String, Relation> relations = relations(truth, "postgres");
      assertThat(relations.get("orders").rows()).isEqualTo(new RowCount.Exact(500));
      assertThat(relations.get("orders").digest()).isPresent();
      assertThat(relations.get("orders").newest()).contains(new Newest("id", "500", "500"));
      assertThat(relations.get("it's \\ \"odd\"").newest())
          .contains(new Newest("at", "2026-01-31 12:00:00+00", "2026-01-31 12:00:00+00"));
      assertThat(relations.get("kept").rows()).isEqualTo(new RowCount.Exact(7));
      assertThat(relations.get("cache").rows())
          .isEqualTo(new RowCount.NotCounted("every restore brings it back empty"));
      assertThat(relations.get("seen").rows()).isInstanceOf(RowCount.NotCounted.class);
      assertThat(truth.databases().getFirst().sequences())
          .containsExactly(new TruthManifest.Sequence("public", "orders_id_seq", 500, 1));
      assertThat(truth.databases().getFirst().extensions())
          .extracting(ClusterFacts.Extension::name)
          .containsExactly("plpgsql");
      assertThat(truth.roles())
          .contains(
              new TruthManifest.Role("clerk", "LOGIN CONNECTION LIMIT 3"),
              new TruthManifest.Role("desk", ""));
      assertThat(truth.memberships()).contains(new TruthManifest.Membership("desk", "clerk"));
      assertThat(truth.settings()).containsEntry("fsync", "off");
      assertThat(truth.toString()).doesNotContain("swordfish");
    }
  }

  @Test
  void whatOthersWroteMeanwhileIsBoundedOrNotKnown() {
    shop(
        "CREATE TABLE still (id int PRIMARY KEY)",
        "CREATE TABLE grows (id serial PRIMARY KEY, state text)",
        "CREATE TABLE shrinks (id int PRIMARY KEY)",
        "CREATE TABLE updated (id int PRIMARY KEY, state text)",
        "CREATE TABLE replaced (id int PRIMARY KEY)",
        "CREATE TABLE emptied (id int PRIMARY KEY)",
        "CREATE TABLE rekeyed (id int PRIMARY KEY)",
        "CREATE TABLE dropped (id int PRIMARY KEY)",
        "INSERT INTO grows SELECT nextval('grows_id_seq'), 'new' FROM generate_series(1, 10)");
    for (String table : List.of("still", "shrinks", "replaced", "emptied", "rekeyed", "dropped")) {
      shop("INSERT INTO " + table + " SELECT generate_series(1, 10)");
    }
    shop("INSERT INTO updated SELECT n, 'new' FROM generate_series(1, 10) AS n");
    awaitStatistics("n_tup_ins", "updated", 10);
    var inspection = inspection(newest.superuser(), BUDGET, Duration.ZERO);
    inspection.before();
    shop(
        "INSERT INTO grows SELECT nextval('grows_id_seq'), 'new' FROM generate_series(1, 5)",
        "UPDATE grows SET state = 'paid' WHERE id = 3",
        "DELETE FROM shrinks WHERE id > 6",
        "UPDATE updated SET state = 'paid' WHERE id = 7",
        "DELETE FROM replaced WHERE id = 1",
        "INSERT INTO replaced VALUES (1)",
        "TRUNCATE emptied",
        "INSERT INTO emptied SELECT generate_series(1, 10)",
        "UPDATE rekeyed SET id = 11 WHERE id = 10",
        "DROP TABLE dropped",
        "CREATE ROLE late");
    awaitStatistics("n_tup_upd", "rekeyed", 1);
    TruthManifest truth = inspection.after(ANY_END).orElseThrow();

    Map<String, Relation> found = relations(truth, "shop");
    assertThat(found.get("still").rows()).isEqualTo(new RowCount.Exact(10));
    assertThat(found.get("still").digest()).isPresent();
    assertThat(found.get("grows").rows()).isEqualTo(new RowCount.Between(10, 15));
    assertThat(found.get("grows").newest()).contains(new Newest("id", "10", "15"));
    assertThat(found.get("shrinks").rows()).isEqualTo(new RowCount.Between(6, 10));
    assertThat(found.get("shrinks").newest()).isEmpty();
    assertThat(found.get("updated").rows()).isEqualTo(new RowCount.Exact(10));
    assertThat(found.get("updated").digest()).isEmpty();
    assertThat(found.get("updated").newest()).contains(new Newest("id", "10", "10"));
    assertThat(found.get("replaced").rows()).isEqualTo(CHANGED);
    assertThat(found.get("emptied").rows()).isEqualTo(CHANGED);
    assertThat(found.get("rekeyed").newest()).isEmpty();
    assertThat(found).doesNotContainKey("dropped");
    assertThat(truth.roles()).doesNotContain(new TruthManifest.Role("late", ""));
    assertThat(truth.databases().getLast().sequences())
        .containsExactly(new TruthManifest.Sequence("public", "grows_id_seq", 10, 1));
    newest.sql("DROP ROLE late");
  }

  /**
   * A count that ends behind the backup's end may have seen what is not in the backup: only what
   * was done since it began is certain. Rows that were rolled back show which of both is used.
   */
  @Test
  void aCountThatOutlastsTheBackupSaysOnlyWhatItsStatisticsBear() {
    shop(
        "CREATE TABLE grows (id int)",
        "INSERT INTO grows SELECT generate_series(1, 10)",
        "CREATE TABLE shrinks (id int)",
        "INSERT INTO shrinks SELECT generate_series(1, 10)");
    awaitStatistics("n_tup_ins", "shrinks", 10);
    var inspection = inspection(newest.superuser(), BUDGET, Duration.ZERO);
    inspection.before();
    shop(
        "INSERT INTO grows SELECT generate_series(11, 15)",
        "BEGIN; INSERT INTO grows VALUES (16), (17); ROLLBACK",
        "DELETE FROM shrinks WHERE id > 6",
        "BEGIN; DELETE FROM shrinks WHERE id > 4; ROLLBACK");
    awaitStatistics("n_tup_ins", "grows", 17);
    awaitStatistics("n_tup_del", "shrinks", 6);
    Map<String, Relation> found = relations(inspection.after(new Lsn(1)).orElseThrow(), "shop");
    assertThat(found.get("grows").rows()).isEqualTo(new RowCount.Between(8, 15));
    assertThat(found.get("shrinks").rows()).isEqualTo(new RowCount.Between(6, 12));
  }

  /** A backup waits for the end of a count on a small cluster alone. */
  @Test
  void rowsAreCountedWhileTheBackupRuns() {
    shop("CREATE TABLE orders (id int)", "INSERT INTO orders SELECT generate_series(1, 100000)");
    var events = new ArrayList<String>();
    var inspection =
        new TruthInspection(server(), BUDGET, new Events(events), Duration.ZERO, Duration.ZERO);
    inspection.before();
    assertThat(events).containsExactly("Rows are counted while the backup runs.");
    assertThat(relations(inspection.after(ANY_END).orElseThrow(), "shop").get("orders").rows())
        .isEqualTo(new RowCount.Exact(100_000));
  }

  /** A row that lived from before the end of the backup until after it, and nobody reported yet. */
  @Test
  void aRowThatCameAndWentIsNoticedThoughItsSessionHasNotReportedIt() {
    shop("CREATE TABLE queue (id int)");
    var inspection = new TruthInspection(server(), BUDGET, Progress.none());
    inspection.before();
    RowCount rows =
        new PostgresServer(newest.superuser().withDatabase("shop"))
            .applicationSql(connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT 1"); // The next report is due a second later.
                statement.execute("INSERT INTO queue VALUES (1)");
                statement.execute("DELETE FROM queue");
              }
              return relations(inspection.after(ANY_END).orElseThrow(), "shop").get("queue").rows();
            });
    assertThat(rows).isEqualTo(CHANGED);
  }

  /** Its row is in the WAL, and in every copy, while the source's own sessions do not see it. */
  @Test
  void aCommitThatWaitsForAStandbyLeavesNothingCertain() {
    shop("CREATE TABLE orders (id int)");
    var inspection = inspection(newest.superuser(), BUDGET, Duration.ZERO);
    inspection.before();
    newest.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
    CompletableFuture<Void> commit =
        CompletableFuture.runAsync(
            () -> shop("SET application_name = 'waits'", "INSERT INTO orders VALUES (1)"));
    try {
      while (newest
          .ask(
              "SELECT 1 FROM pg_stat_activity"
                  + " WHERE application_name = 'waits' AND wait_event = 'SyncRep'")
          .isEmpty()) {
        assertThat(commit.isCompletedExceptionally()).isFalse();
      }
      TruthManifest truth = inspection.after(ANY_END).orElseThrow();
      assertThat(truth.databases()).isEmpty();
      assertThat(truth.gaps()).singleElement().asString().contains("waits for its own standby");
    } finally {
      newest.sql("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
      commit.join();
    }
  }

  @Test
  void aLockedTableIsNotWaitedFor() {
    shop("CREATE TABLE locked (id int)", "CREATE TABLE free (id int)");
    TruthManifest truth =
        new PostgresServer(newest.superuser().withDatabase("shop"))
            .applicationSql(connection -> {
              connection.setAutoCommit(false);
              try (Statement statement = connection.createStatement()) {
                statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
              }
              return untouched(newest.superuser());
            });
    Map<String, Relation> found = relations(truth, "shop");
    assertThat(found.get("locked").rows())
        .isEqualTo(new RowCount.NotCounted("somebody held a lock on it"));
    assertThat(found.get("free").rows()).isEqualTo(new RowCount.Exact(0));
  }

  @Test
  void whatTheRoleMayNotReadIsAGapWithTheRightThatMendsIt() {
    shop(
        "CREATE TABLE secret (id int PRIMARY KEY)",
        "CREATE TABLE filtered (id int)",
        "ALTER TABLE filtered ENABLE ROW LEVEL SECURITY",
        "GRANT SELECT ON filtered TO reader",
        "CREATE TABLE open (id int)",
        "GRANT SELECT ON open TO reader");
    TruthManifest truth = untouched(newest.address("reader", "right"));
    assertThat(relations(truth, "shop").get("open").rows()).isEqualTo(new RowCount.Exact(0));
    assertThat(relations(truth, "shop").get("filtered").rows())
        .isEqualTo(relations(truth, "shop").get("secret").rows())
        .isInstanceOf(RowCount.NotCounted.class);
    assertThat(truth.gaps())
        .singleElement()
        .asString()
        .contains("2 tables of database shop", "GRANT pg_read_all_data TO \"reader\";");
  }

  /**
   * Whoever owns a table may say what a cast of it does; the backup's role is often a superuser.
   */
  @Test
  void nothingThatATablesOwnerDefinedIsRun() {
    shop(
        "CREATE TABLE trap (id int)",
        "INSERT INTO trap VALUES (1)",
        "CREATE FUNCTION spring(trap) RETURNS text LANGUAGE plpgsql AS"
            + " $$BEGIN RAISE EXCEPTION 'sprung'; END$$",
        "CREATE CAST (trap AS text) WITH FUNCTION spring(trap)",
        "CREATE FUNCTION count(anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0'");
    Relation trap = relations(untouched(newest.superuser()), "shop").get("trap");
    assertThat(trap.rows()).isEqualTo(new RowCount.Exact(1));
    assertThat(trap.digest()).isPresent();
  }

  @Test
  void theSmallestTablesAreCountedFirstAndTimeIsNotExceeded() {
    shop(
        // Times take long to write out, so that its digest takes more than a second.
        "CREATE TABLE large (id bigint PRIMARY KEY"
            + IntStream.rangeClosed(1, 24)
                .mapToObj(n -> ", at" + n + " timestamptz DEFAULT now()")
                .collect(Collectors.joining())
            + ")",
        "INSERT INTO large SELECT generate_series(1, 200000)",
        "CREATE TABLE small (id int)",
        "ANALYZE");
    var inspection = inspection(newest.superuser(), Duration.ofSeconds(1), Duration.ZERO);
    inspection.before();
    Map<String, Relation> found = relations(inspection.after(ANY_END).orElseThrow(), "shop");
    assertThat(found.get("small").rows()).isEqualTo(new RowCount.Exact(0));
    assertThat(found.get("large").rows())
        .isEqualTo(new RowCount.NotCounted("there was no time left to count it"));
    assertThat(found.get("large").newest()).contains(new Newest("id", "200000", "200000"));
  }

  @Test
  void noTimeAtAllMeansNoManifestAndAServerThatIsGoneIsAGap() throws Exception {
    var off = inspection(newest.superuser(), Duration.ZERO, Duration.ZERO);
    off.before();
    assertThat(off.after(ANY_END)).isEmpty();

    PostgresAddress nobody =
        PostgresAddress.parse(
            "postgresql://u@127.0.0.1:" + EmbeddedCluster.freePort() + "/d", Optional.empty());
    var gone = inspection(nobody, BUDGET, Duration.ZERO);
    gone.before();
    assertThat(gone.after(ANY_END).orElseThrow().gaps())
        .singleElement()
        .asString()
        .startsWith("Nothing is known of the cluster: ");
  }

  private static PostgresServer server() {
    return new PostgresServer(newest.superuser());
  }

  private static TruthInspection inspection(PostgresAddress as, Duration budget, Duration lag) {
    return new TruthInspection(
        new PostgresServer(as), budget, Progress.none(), lag, Duration.ofSeconds(1));
  }

  private static TruthManifest untouched(PostgresAddress as) {
    var inspection = inspection(as, BUDGET, Duration.ZERO);
    inspection.before();
    return inspection.after(ANY_END).orElseThrow();
  }

  private static void shop(String... statements) {
    EmbeddedCluster.sql(newest.superuser().withDatabase("shop"), statements);
  }

  /** Sessions report what they did when they end, which is just after their client has gone. */
  private static void awaitStatistics(String counter, String table, long expected) {
    String reported;
    do {
      reported =
          EmbeddedCluster.ask(
              newest.superuser().withDatabase("shop"),
              "SELECT " + counter + " FROM pg_stat_all_tables WHERE relname = '" + table + "'");
    } while (Long.parseLong(reported) < expected);
  }

  private static Map<String, Relation> relations(TruthManifest truth, String database) {
    return truth.databases().stream()
        .filter(found -> found.name().equals(database))
        .flatMap(found -> found.relations().stream())
        .collect(Collectors.toMap(Relation::name, relation -> relation));
  }
}
