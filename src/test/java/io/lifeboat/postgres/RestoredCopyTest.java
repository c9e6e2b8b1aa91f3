package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a busy server to a started copy, with every major version of PostgreSQL. */
@Tag("slow")
class RestoredCopyTest {
  private static final String ACCOUNTS =
      "SELECT (SELECT sum(n) FROM giver), (SELECT sum(n) FROM taker)";

  @TempDir Path folder;

  static Stream<PostgresPrograms> versions() throws IOException {
    List<PostgresPrograms> embedded = EmbeddedPrograms.ofEveryVersion();
    Path installed = Path.of("/usr/lib/postgresql/15/bin");
    return Files.isExecutable(installed.resolve("postgres"))
        ? Stream.concat(
            embedded.stream(), Stream.of(PostgresPrograms.find(15, Optional.empty(), "")))
        : embedded.stream();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aCopyOfABusyServerStartsAndIsConsistent(PostgresPrograms programs) throws Exception {
    try (EmbeddedCluster source = source(programs)) {
      Path fast = Files.createDirectories(folder.resolve("fast"));
      source.sql(
          "CREATE TABLESPACE fast LOCATION '" + fast + "'",
          "CREATE TABLE giver (n bigint)",
          "CREATE TABLE taker (n bigint) TABLESPACE fast",
          "CREATE TABLE ballast AS SELECT n, repeat('x', 500) t FROM generate_series(1, 60000) n",
          "CREATE ROLE someone",
          "ALTER SYSTEM SET archive_command = 'false'",
          "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
          "ALTER SYSTEM SET max_connections = 37");
      var server = new PostgresServer(source.superuser());
      ClusterFacts before = new ClusterInspection(server).run();
      CanaryRow canary =
          new Canary(server)
              .write(
                  "b1",
                  warning -> {
                    throw new AssertionError(warning);
                  })
              .orElseThrow();

      var consumer = new FolderConsumer(Files.createDirectories(folder.resolve("restored")));
      BaseBackupResult result;
      long moved;
      try (var transfers = new Transfers(source.superuser())) {
        result = new BaseBackup(server).run("busy", consumer, Progress.none());
        moved = transfers.done();
      }
      assertThat(moved).as("transfers while the backup ran").isPositive();
      source.stop("QUIT");

      BackupManifest manifest = BackupManifest.parse(result.manifest());
      manifest.verify(consumer.facts);
      ClusterFacts facts = before.with(result).with(Optional.of(canary));
      long oid = result.tablespaces().getFirst().oid();
      Path data = consumer.data();
      Path place = RestoredCluster.defaultPlace(data, oid);
      // A value that no machine knows: PostgreSQL would not start with it, whatever else it is
      // told.
      Files.writeString(data.resolve(RestoredCluster.AUTO_CONF), "lc_messages = 'xx_XX.nowhere'\n");
      var restored = new RestoredCluster(data);
      restored.prepare(Map.of(oid, place));
      restored.forgetAlterSystem();
      assertThat(
              new FolderVerification(data, Map.of(oid, place)).problems(manifest, Progress.none()))
          .isEmpty();

      Path sockets = Files.createTempDirectory("lb");
      try (EmbeddedCluster copy = start(programs, facts, data, sockets)) {
        PostgresAddress address = PostgresAddress.socket(sockets, 5432, "postgres", "postgres");
        assertThat(EmbeddedCluster.ask(address, "SELECT pg_is_in_recovery()")).isEqualTo("f");
        assertThat(Instant.parse(EmbeddedCluster.ask(address, Canary.queryFor("b1"))))
            .isEqualTo(canary.writtenAt());
        var sums =
            new PostgresServer(address)
                .applicationSql(connection -> PostgresServer.rows(connection, ACCOUNTS).getFirst());
        assertThat(Long.parseLong(sums.get(0)) + Long.parseLong(sums.get(1))).isZero();
        assertThat(Long.parseLong(sums.get(1))).as("transfers in the copy").isPositive();
        assertThat(EmbeddedCluster.ask(address, "SELECT count(*) FROM ballast")).isEqualTo("60000");
        assertThat(EmbeddedCluster.ask(address, "SHOW listen_addresses")).isEmpty();
        assertThat(EmbeddedCluster.ask(address, "SELECT pg_tablespace_location(" + oid + ")"))
            .isEqualTo(place.toString());
        // Does not wait for the source's standby.
        EmbeddedCluster.sql(address, "CREATE TABLE written (n int)");
        copy.stop("INT");
      } finally {
        delete(sockets);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aServerThatDiesInTheMiddleIsLoud(PostgresPrograms programs) throws Exception {
    try (EmbeddedCluster source = source(programs)) {
      source.sql(
          "CREATE TABLE ballast AS SELECT n, repeat('x', 500) t FROM generate_series(1, 60000) n");
      var killing =
          new FolderConsumer(folder.resolve("half")) {
            private boolean killed;

            @Override
            public void file(BaseBackupPath path, Attributes a, long size, InputStream content)
                throws IOException {
              if (!killed) {
                killed = true;
                try {
                  source.stop("QUIT");
                } catch (Exception e) {
                  throw new IOException(e);
                }
              }
              super.file(path, a, size, content);
            }
          };
      TransientException failure =
          catchThrowableOfType(
              TransientException.class,
              () ->
                  new BaseBackup(new PostgresServer(source.superuser()))
                      .run("killed", killing, Progress.none()));
      assertThat(failure.code()).isEqualTo(ErrorCode.BASE_BACKUP_FAILED);
      assertThat(failure.hint()).contains("Nothing was kept");
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void minimalWalIsRefusedWithTheSettingToChange(PostgresPrograms programs) throws Exception {
    try (EmbeddedCluster source =
        EmbeddedCluster.create(programs, Files.createDirectories(folder.resolve("minimal")))) {
      source.start(Map.of("wal_level", "minimal", "max_wal_senders", "0"));
      var server = new PostgresServer(source.superuser());
      LifeboatException failure =
          catchThrowableOfType(
              LifeboatException.class,
              () ->
                  new BaseBackup(server)
                      .run(
                          "minimal",
                          new FolderConsumer(folder.resolve("nothing")),
                          Progress.none()));
      assertThat(failure.code()).isEqualTo(ErrorCode.WAL_LEVEL_TOO_LOW);
      assertThat(failure.hint()).contains("ALTER SYSTEM SET wal_level = 'replica'");
      assertThat(new SourceCheck(server).run())
          .filteredOn(found -> found.state() == Finding.State.STANDS_IN_THE_WAY)
          .extracting(Finding::id)
          .containsExactly("wal_level", "walsenders");
    }
  }

  private EmbeddedCluster source(PostgresPrograms programs) throws Exception {
    EmbeddedCluster source =
        EmbeddedCluster.create(programs, Files.createDirectories(folder.resolve("source")));
    return source.start(Map.of());
  }

  private EmbeddedCluster start(
      PostgresPrograms programs, ClusterFacts facts, Path data, Path sockets) throws Exception {
    var place =
        new CopySettings.Place(
            sockets.toString(),
            5432,
            sockets.resolve("copy.conf").toString(),
            sockets.resolve("hba.conf").toString(),
            sockets.resolve("ident.conf").toString());
    CopySettings settings = CopySettings.scratch(facts, place);
    Files.writeString(Path.of(place.configFile()), settings.configFile());
    Files.writeString(Path.of(place.hbaFile()), settings.hbaFile());
    Files.writeString(Path.of(place.identFile()), "");
    return EmbeddedCluster.existing(programs, data)
        .start(
            settings.arguments(data.toString(), place),
            PostgresAddress.socket(sockets, 5432, "postgres", "postgres"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** Moves amounts from one table to the other all the time: the sum over both is always zero. */
  private static final class Transfers implements AutoCloseable {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong done = new AtomicLong();
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread thread;

    Transfers(PostgresAddress address) throws InterruptedException {
      thread = Thread.startVirtualThread(() -> run(address));
      started.await();
    }

    long done() {
      return done.get();
    }

    private void run(PostgresAddress address) {
      new PostgresServer(address)
          .applicationSql(connection -> {
            connection.setAutoCommit(false);
            while (!stop.get()) {
              transfer(connection);
              started.countDown();
            }
            return true;
          });
    }

    private void transfer(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO giver SELECT -n FROM generate_series(1, 20) n");
        statement.execute("INSERT INTO taker SELECT n FROM generate_series(1, 20) n");
      }
      connection.commit();
      done.incrementAndGet();
    }

    @Override
    public void close() throws InterruptedException {
      stop.set(true);
      thread.join();
    }
  }
}
