package io.lifeboat.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.app.InThisJvm;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Finding;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.postgres.logical.DatabaseContents;
import io.lifeboat.postgres.logical.DatabaseLoad;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.LogicalCheck;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.Name;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases of a real server, dumped with its own programs, and loaded again. */
class LogicalDumpTest {
  private static final DatabaseTarget.Options CREATE =
      new DatabaseTarget.Options(true, false, true, 2);
  private static final DatabaseTarget.Options INTO_EMPTY =
      new DatabaseTarget.Options(false, false, true, 2);

  @TempDir static Path folder;
  private static Optional<DumpWorld> started = Optional.empty();

  @BeforeAll
  static void startServer() throws Exception {
    Assumptions.assumeTrue(DumpWorld.isPossible(), "PostgreSQL 15 is not in " + DumpWorld.PROGRAMS);
    started = Optional.of(new DumpWorld(folder));
    server()
        .sql(
            "create role owner_of_all",
            "create role \"Odd \"\"role\"",
            "create role reader in role owner_of_all",
            "create role managed login password 'secret' createdb",
            "create database full_of_it");
    server().sqlIn("full_of_it", EveryKind.statements());
    createBank("bank", 120_000);
    server().sql("alter database full_of_it set search_path = \"$user\", public, \"Odd\"");
    server().sql("alter database full_of_it set work_mem = '5MB'");
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (started.isPresent()) {
      world().close();
    }
  }

  private static DumpWorld world() {
    return started.orElseThrow();
  }

  private static SourceCluster server() {
    return world().server();
  }

  /** A database with two tables whose rows are many parts together. */
  private static void createBank(String database, int rows) {
    server().sql("create database " + database);
    server()
        .sqlIn(
            database,
            "create table debit (id int primary key, amount bigint, note text)",
            "create table credit (id int primary key, amount bigint, note text)",
            "insert into debit select i, 1000, repeat(md5(current_database() || i), 8)"
                + " from generate_series(1, "
                + rows
                + ") i",
            "insert into credit select id, -amount, reverse(note) from debit");
  }

  private static final String SUM =
      "select (select sum(amount) from debit) + (select sum(amount) from credit)";

  @Test
  void aDatabaseWithEveryKindOfObjectComesBackAsItWas() throws Exception {
    BackupResult backup = world().backUp("full_of_it");
    LoadOutcome outcome = world().load(backup.snapshot(), server().address("loaded"), CREATE);

    assertThat(world().dumped("loaded")).isEqualTo(world().dumped("full_of_it"));
    assertThat(outcome.notes()).isEmpty();
    assertThat(server().askIn("loaded", "show search_path"))
        .isEqualTo("\"$user\", public, \"Odd\"");
    assertThat(server().askIn("loaded", "show work_mem")).isEqualTo("5MB");
    // Found by the partition that its hash says, which is another one than at the source.
    assertThat(server().askIn("loaded", "select count(*) from hashed where m = 'sad'"))
        .isEqualTo("10");
    assertThat(backup.warnings())
        .containsExactly("The rows of 1 foreign tables lie on other servers and are not dumped");
  }

  @Test
  void psqlAloneLoadsARestoredFolder() throws Exception {
    String snapshot = world().backUp("full_of_it").snapshot();
    Path restored = folder.resolve("by-hand");
    try (SnapshotReader reader = world().repository().reader().read(snapshot);
        var target = new FolderTarget(restored, Ownership.ofWhoRestores())) {
      new RestoreEngine().restore(reader, RestoreSelection.everything(), target, Progress.none());
    }
    server().sql("create database by_hand");

    Path in = restored.resolve("databases/full_of_it");
    for (String script :
        List.of(
            "10-pre-data.sql",
            "20-large-objects.sql",
            "30-rows.sql",
            "50-sequences.sql",
            "60-post-data.sql")) {
      assertThat(Files.readString(restored.resolve("README.txt"))).contains(script);
      DumpWorld.run(
          in, "psql", server().address("by_hand"), "-Xqv", "ON_ERROR_STOP=1", "-f", script);
    }

    assertThat(world().dumped("by_hand")).isEqualTo(world().dumped("full_of_it"));
    assertThat(Files.readString(restored.resolve("cluster/globals.sql")))
        .contains("CREATE ROLE \"Odd \"\"role\";", "CREATE ROLE managed;", "SCRAM-SHA-256");
  }

  @Test
  void aDumpBesideWritersIsOfOneInstant() throws Exception {
    var going = new AtomicBoolean(true);
    var begun = new CountDownLatch(1);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              while (going.get()) {
                server()
                    .sqlIn(
                        "bank",
                        "begin; update debit set amount = amount + 1 where id % 1000 = 7;"
                            + " update credit set amount = amount - 1 where id % 1000 = 7;"
                            + " insert into debit select max(id) + 1, 5, 'new' from debit;"
                            + " insert into credit select max(id) + 1, -5, 'new' from credit;"
                            + " commit");
                begun.countDown();
              }
            });
    begun.await();
    BackupResult backup;
    String rowsAtTheEnd;
    try {
      backup =
          world()
              .backUp(
                  world().source(server().address("bank")),
                  whenRowsAreRead(() ->
                      server()
                          .sqlIn(
                              "bank",
                              "insert into debit values (-1, 7, 'later')",
                              "insert into credit values (-1, -7, 'later')",
                              "delete from credit where id = 1",
                              "delete from debit where id = 1")));
      rowsAtTheEnd = server().askIn("bank", "select count(*) from debit");
    } finally {
      going.set(false);
      writer.join();
    }
    LoadOutcome outcome = world().load(backup.snapshot(), server().address("bank_then"), CREATE);

    assertThat(server().askIn("bank_then", SUM)).isEqualTo("0");
    assertThat(
            server()
                .askIn(
                    "bank_then",
                    "select (select min(id) from debit) || ' ' || (select min(id) from credit)"))
        .isEqualTo("1 1");
    assertThat(outcome.rows()).isBetween(240_002L, 2 * Long.parseLong(rowsAtTheEnd) - 2);
  }

  @Test
  void whatHasNotChangedIsNotStoredAgain() {
    createBank("still", 50_000);
    BackupResult first = world().backUp("still");
    BackupResult second = world().backUp("still");
    server().sqlIn("still", "insert into debit values (0, 0, 'one more')");
    BackupResult third = world().backUp("still");

    assertThat(first.bytesRead()).isGreaterThan(25_000_000);
    assertThat(second.bytesStored()).isLessThan(first.bytesStored() / 50);
    assertThat(third.bytesStored()).isLessThan(first.bytesStored() / 10);
  }

  @Test
  void aLockedTableEndsTheDumpWithItsName() throws Exception {
    createBank("locked", 10);
    int before = world().snapshots();
    try (Connection other = new PostgresServer(server().address("locked")).open();
        Statement statement = other.createStatement()) {
      statement.execute("begin");
      statement.execute("lock table credit in access exclusive mode");

      assertThatThrownBy(() -> world().backUp("locked"))
          .isInstanceOfSatisfying(
              LifeboatException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DUMP_FAILED);
                assertThat(e)
                    .hasMessageContaining("Table public.credit")
                    .hasMessageContaining("locked");
              });
    }
    assertThat(world().snapshots()).isEqualTo(before);
  }

  /** Runs something on the server as soon as rows are read, and waits until it was done. */
  private static Progress whenRowsAreRead(Runnable work) {
    return new Events(
        phase -> {
          if (phase.equals("rows")) {
            work.run();
          }
        },
        () -> {});
  }

  private record Events(Consumer<String> phases, Runnable check) implements Progress {
    @Override
    public void phase(String name) {
      phases.accept(name);
    }

    @Override
    public void expect(long bytes) {}

    @Override
    public void advance(long bytes, long items) {}

    @Override
    public void event(String sentence) {}

    @Override
    public void checkCancelled() {
      check.run();
    }
  }

  @Test
  void aSchemaChangeThatWaitsEndsTheDumpAndNotTheApplication() throws Exception {
    createBank("changing", 10);
    int before = world().snapshots();
    try (Connection other = new PostgresServer(server().address("changing")).open();
        Statement statement = other.createStatement()) {
      Thread change =
          Thread.ofPlatform()
              .unstarted(() -> {
                try {
                  statement.execute("alter table debit add column more int");
                } catch (java.sql.SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      var progress =
          whenRowsAreRead(() -> {
            change.start();
            awaitTrue("select count(*) > 0 from pg_locks where not granted");
          });
      var source = world().source(server().address("changing"));

      assertThatThrownBy(() -> world().backUp(source, progress))
          .isInstanceOf(LifeboatException.class)
          .hasMessageContaining("a change of its definition waits for a lock");
      change.join();
    }
    assertThat(server().askIn("changing", "select count(more) from debit")).isEqualTo("0");
    assertThat(world().snapshots()).isEqualTo(before);
  }

  private static void awaitTrue(String query) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!server().ask(query).equals("t")) {
      assertThat(System.nanoTime()).as(query).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /**
   * Ends the server processes whose rows nobody takes, in the statement that finds them: a wait may
   * be over before a second one looks.
   */
  private static final String END_A_WAITING_READER =
      "select count(*) > 0 from (select pg_terminate_backend(pid) as ended from pg_stat_activity"
          + " where query like 'COPY %' and datname = 'bank' and wait_event = 'ClientWrite')"
          + " as waiting where ended";

  @Test
  void aReaderThatIsKilledEndsTheDump() {
    int before = world().snapshots();
    var reading = new AtomicBoolean();
    var progress =
        new Events(
            phase -> reading.set(phase.equals("rows")),
            () -> {
              // Nobody takes parts meanwhile: a reader ends up in the middle of a table.
              if (reading.getAndSet(false)) {
                awaitTrue(END_A_WAITING_READER);
              }
            });
    var source = world().source(server().address("bank"));

    assertThatThrownBy(() -> world().backUp(source, progress))
        .isInstanceOf(LifeboatException.class);
    assertThat(world().snapshots()).isEqualTo(before);
    awaitTrue("select count(*) = 0 from pg_stat_activity where datname = 'bank'");
  }

  @Test
  void aCancelledDumpLeavesNoSnapshotAndNoSession() {
    int before = world().snapshots();
    var reading = new AtomicBoolean();
    var progress =
        new Events(
            phase -> reading.set(phase.equals("rows")),
            () -> {
              if (reading.get()) {
                throw new PermanentException(ErrorCode.CANCELLED, "Stop", "");
              }
            });
    var source = world().source(server().address("bank"));

    assertThatThrownBy(() -> world().backUp(source, progress)).hasMessage("Stop");
    assertThat(world().snapshots()).isEqualTo(before);
    awaitTrue("select count(*) = 0 from pg_stat_activity where datname = 'bank'");
  }

  @Test
  void aRoleWithoutAnySpecialRightIsToldWhatItLacksAndThenDumps() throws Exception {
    server().sql("create database managed_one owner managed");
    PostgresAddress managed = server().address("managed", "secret", "managed_one");
    server()
        .sqlIn(
            "managed_one",
            "create extension pg_trgm",
            "create table theirs (a int)",
            "insert into theirs values (1), (2)",
            "create table hidden (a int)",
            "insert into hidden values (1)",
            "alter table hidden enable row level security");
    var source = world().source(managed);
    var check =
        new LogicalCheck(
            source.dumping(), List.of(new PostgresServer(managed)), System.getenv("PATH"));

    assertThat(check.run())
        .extracting(Finding::id, Finding::ok, Finding::remedySql)
        .contains(
            org.assertj.core.groups.Tuple.tuple(
                "tables", false, Optional.of("GRANT pg_read_all_data TO \"managed\";")),
            org.assertj.core.groups.Tuple.tuple(
                "row_security", false, Optional.of("ALTER ROLE \"managed\" BYPASSRLS;")));
    assertThatThrownBy(() -> world().backUp(source, Progress.none()))
        .hasMessageContaining("may not read public.hidden, public.theirs");
    server().sqlIn("managed_one", "grant select on all tables in schema public to managed");
    assertThatThrownBy(() -> world().backUp(source, Progress.none()))
        .hasMessageContaining("only some rows, by their policies, of public.hidden");
    server().sql("ALTER ROLE \"managed\" BYPASSRLS;");
    assertThat(check.run()).allMatch(Finding::ok);
    BackupResult backup = world().backUp(source, Progress.none());

    assertThat(backup.warnings()).singleElement().asString().contains("without their passwords");
    server().sql("create database managed_two owner managed");
    server().sqlIn("managed_two", "create extension pg_trgm");
    PostgresAddress into = server().address("managed", "secret", "managed_two");
    LoadOutcome outcome =
        world().load(backup.snapshot(), into, new DatabaseTarget.Options(false, false, false, 1));
    assertThat(outcome.rows()).isEqualTo(3);
    assertThat(outcome.notes()).singleElement().asString().contains("42501", "extension's own");
  }

  @Test
  void aServerThatPgDumpIsTooOldForIsNamed() throws Exception {
    Path old = Files.createDirectory(folder.resolve("old"));
    Files.writeString(old.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9'\n");
    Files.setPosixFilePermissions(
        old.resolve("pg_dump"), PosixFilePermissions.fromString("rwxr-xr-x"));
    var source = world().source(server().address("postgres"), old, Duration.ofSeconds(1));

    assertThatThrownBy(() -> world().backUp(source, Progress.none()))
        .isInstanceOfSatisfying(
            LifeboatException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.PROGRAMS_MISSING);
              assertThat(e).hasMessageContaining("PostgreSQL 15; there is 14.9 in " + old);
            });
  }

  @Test
  void aDatabaseThatHoldsSomethingIsRefused() {
    String snapshot = world().backUp("full_of_it").snapshot();
    server().sql("create database occupied");
    server().sqlIn("occupied", "create table already (a int)");

    assertCode(ErrorCode.TARGET_NOT_EMPTY, snapshot, "occupied", INTO_EMPTY)
        .hasMessageContaining("public.already");
    assertCode(ErrorCode.TARGET_NOT_EMPTY, snapshot, "occupied", CREATE)
        .hasMessageContaining("exists");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertCode(
      ErrorCode code, String snapshot, String database, DatabaseTarget.Options options) {
    return assertThatThrownBy(() -> world().load(snapshot, server().address(database), options))
        .isInstanceOfSatisfying(LifeboatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void rolesThatAreMissingAreNamedOrCreated() {
    server().sql("create role goes_away", "create role stays", "create database of_roles");
    server()
        .sqlIn(
            "of_roles",
            "create table t (a int)",
            "alter table t owner to goes_away",
            "grant select on t to stays");
    server().sql("grant stays to goes_away", "alter role goes_away connection limit 7");
    String snapshot = world().backUp("of_roles").snapshot();
    server().sqlIn("of_roles", "drop owned by goes_away", "drop role goes_away");

    assertCode(ErrorCode.TARGET_UNSUITABLE, snapshot, "roles_one", CREATE)
        .hasMessageContaining("does not have the roles goes_away");
    world()
        .load(
            snapshot,
            server().address("roles_two"),
            new DatabaseTarget.Options(true, true, true, 1));
    assertThat(
            server()
                .askIn(
                    "roles_two",
                    "select tableowner || ' ' || rolconnlimit || ' '"
                        + " || pg_has_role('goes_away', 'stays', 'usage')"
                        + " from pg_tables join pg_roles on rolname = tableowner"
                        + " where tablename = 't'"))
        .isEqualTo("goes_away 7 true");
    world()
        .load(
            snapshot,
            server().address("roles_three"),
            new DatabaseTarget.Options(true, false, false, 1));
    assertThat(
            server().askIn("roles_three", "select tableowner from pg_tables where tablename = 't'"))
        .isEqualTo("postgres");
  }

  @Test
  void whatTheTargetRefusesIsListedAndIsAFailure() {
    server().sql("create database fragile");
    server()
        .sqlIn(
            "fragile",
            "create table lim (a int)",
            // Works only with the search_path of those who wrote it: a load has none.
            "create function short() returns int language sql as 'select count(*)::int from lim'",
            "create table checked (a int check (a > short()))",
            "insert into checked values (5)",
            "create table fine (a int)",
            "insert into fine values (1)");
    String snapshot = world().backUp("fragile").snapshot();

    assertCode(ErrorCode.LOAD_INCOMPLETE, snapshot, "fragile_two", CREATE)
        .hasMessageContaining("42P01: ERROR: relation \"lim\" does not exist")
        .hasMessageContaining("COPY \"public\".\"checked\"");
  }

  @Test
  void aTableWithOtherRowsThanWereDumpedIsAFailure() {
    server().sql("create database counted");
    server().sqlIn("counted", "create table t as select generate_series(1, 3) as a");
    var table =
        new DatabaseContents.Table(
            new Name("public", "t"), List.of("a"), Optional.empty(), Optional.empty());
    LogicalFacts.Database facts;
    try (SnapshotReader reader =
        world().repository().reader().read(world().backUp("counted").snapshot())) {
      facts = LogicalFacts.fromJson(reader.root().facts()).databases().getFirst();
    }
    assertThat(facts.rows()).isEqualTo(3);

    for (long dumped : List.of(2L, 3L, 4L)) {
      var contents =
          new DatabaseContents(
              List.of(new DatabaseContents.Rows(table, "000001", dumped, 1)), List.of(), 0);
      try (var load =
          new DatabaseLoad(
              new TargetDatabase(server().address("counted")), true, 1, Progress.none())) {
        if (dumped == 3) {
          assertThat(load.compare(facts, contents).rows()).isEqualTo(3);
        } else {
          assertThatThrownBy(() -> load.compare(facts, contents))
              .hasMessageContaining("public.t has 3 rows, dumped were " + dumped);
        }
      }
    }
  }

  @Test
  void severalDatabasesAreOneSnapshotAndLoadedOneByOne() {
    server().sql("create database \"One/../%\"", "create database two");
    server().sqlIn("One/../%", "create table a as select 1 as x");
    server().sqlIn("two", "create table b as select 2 as x", "create extension hstore");
    String snapshot =
        world()
            .backUp(
                world().source(server().address("postgres"), "One/../%", "two"), Progress.none())
            .snapshot();

    world().load(snapshot, Optional.of("two"), server().address("two_again"), CREATE);
    world().load(snapshot, Optional.of("One/../%"), server().address("one_again"), CREATE);

    assertThat(server().askIn("two_again", "select x from b")).isEqualTo("2");
    assertThat(server().askIn("one_again", "select x from a")).isEqualTo("1");
    assertThatThrownBy(
            () -> world().load(snapshot, Optional.of("three"), server().address("three"), CREATE))
        .hasMessageContaining("no database 'three'");
  }

  @Test
  void theCommandsDumpRestoreAndLoad() throws Exception {
    server().sql("create database shop");
    server().sqlIn("shop", "create table orders as select 1 as id", "create sequence counter");
    Path node = Files.createDirectory(folder.resolve("node"));
    Path config =
        Files.writeString(
            node.resolve("config.yml"),
            """
            keys: { service: service.key, recovery: recovery-kit.txt }
            repositories:
              local: { store: { type: folder, path: store } }
            sources:
              shop: { type: postgres, mode: logical, url: "%s", dump: { programs: %s, jobs: 1 } }
            plans:
              nightly: { source: shop, repository: local }
            """
                .formatted(url("shop"), DumpWorld.PROGRAMS));

    for (String command : List.of("init", "check", "backup nightly")) {
      assertThat(run(config, command)).returns(0, InThisJvm.Ended::status);
    }
    InThisJvm.Ended restored = run(config, "restore --source shop --target " + node.resolve("out"));
    assertThat(restored.out()).contains("README.txt there says how psql loads it");
    assertThat(node.resolve("out/databases/shop/10-pre-data.sql")).content().contains("orders");
    String load = "load --source shop --json --create --into " + url("shop_two");
    InThisJvm.Ended loaded = run(config, load);
    assertThat(loaded.err()).isEmpty();
    assertThat(loaded.out()).contains("\"tables\":1,\"rows\":1,\"sequences\":1", "shop_two\"");
    assertThat(server().askIn("shop_two", "select id from orders")).isEqualTo("1");
    InThisJvm.Ended again = run(config, load);
    assertThat(again.status()).isEqualTo(4);
    assertThat(again.err()).contains("TARGET_NOT_EMPTY");
    assertThat(run(config, "load --source shop --into mysql://x").err()).contains("--into is not");
    assertThat(run(config, load + " --jobs 0").status()).isEqualTo(2);
    assertThat(run(config, load + " --database other").err()).contains("no database 'other'");
  }

  private static String url(String database) {
    return "postgresql://postgres@" + server().address(database).place() + "/" + database;
  }

  private static InThisJvm.Ended run(Path config, String command) {
    return InThisJvm.run(System.getenv(), (command + " --config " + config).split(" ", -1));
  }
}
