package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.config.Secret;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceCheckTest {
  @TempDir static Path folder;
  private static EmbeddedCluster cluster;

  @BeforeAll
  static void startServer() throws Exception {
    cluster =
        EmbeddedCluster.create(
            EmbeddedPrograms.unpacked(), Files.createDirectories(folder.resolve("source")));
    cluster.start(Map.of());
    cluster.sql(
        "CREATE ROLE backer LOGIN REPLICATION PASSWORD 'right'",
        "CREATE ROLE \"no Body\" LOGIN PASSWORD 'right'",
        "CREATE ROLE noline LOGIN REPLICATION PASSWORD 'right'",
        "CREATE ROLE writer LOGIN REPLICATION PASSWORD 'right'",
        "GRANT CREATE ON DATABASE postgres TO writer");
  }

  @AfterAll
  static void stopServer() throws Exception {
    cluster.close();
  }

  @Test
  void aServerThatIsReadyHasNothingRequiredToMend() {
    List<Finding> findings = check(cluster.address("writer", "right"));
    assertThat(findings).noneMatch(found -> found.state() == Finding.State.STANDS_IN_THE_WAY);
    assertThat(findings)
        .extracting(Finding::id)
        .containsExactly(
            "connect",
            "version",
            "support",
            "role",
            "wal_level",
            "slots",
            "walsenders",
            "slot_limit",
            "idle_slots",
            "full_page_writes",
            "data_checksums",
            "summarize_wal",
            "archive_mode",
            "read_all_settings",
            "read_all_stats",
            "read_all_data",
            "switch_wal",
            "restore_point",
            "standby",
            "tablespaces",
            "unlogged",
            "prepared",
            "canary",
            "replication",
            "speed");
  }

  @Test
  void aRoleWithoutReplicationIsToldTheSqlThatMendsIt() {
    PostgresAddress address = cluster.address("no Body", "right");
    LifeboatException failure = backup(address);
    assertThat(failure.code()).isEqualTo(ErrorCode.REPLICATION_ROLE_MISSING);
    assertThat(failure.hint()).contains("ALTER ROLE \"no Body\" REPLICATION;");
    assertThat(check(address))
        .filteredOn(found -> found.id().equals("role"))
        .singleElement()
        .satisfies(found -> assertThat(found.ok()).isFalse())
        .satisfies(
            found -> assertThat(found.remedySql()).contains("ALTER ROLE \"no Body\" REPLICATION;"));
  }

  @Test
  void withoutALineForReplicationTheLineIsGiven() {
    LifeboatException failure = backup(cluster.address("noline", "right"));
    assertThat(failure.code()).isEqualTo(ErrorCode.REPLICATION_ROLE_MISSING);
    assertThat(failure.hint()).contains("host replication \"noline\" 127.0.0.1/32 scram-sha-256");
  }

  @Test
  void aWrongPasswordIsNamedAndNotShown() {
    LifeboatException failure = backup(cluster.address("backer", "swordfish"));
    assertThat(failure.code()).isEqualTo(ErrorCode.DATABASE_DENIED);
    assertThat(failure).hasMessageContaining("password of role 'backer'");
    assertThat(failure.getMessage() + failure.hint() + failure.getCause())
        .doesNotContain("swordfish");
  }

  @Test
  void noPasswordAtAllIsDenied() {
    PostgresAddress address = cluster.address("backer", "x");
    var without =
        new PostgresAddress(
            address.host(),
            address.port(),
            Optional.empty(),
            "backer",
            "postgres",
            Map.of(),
            Optional.empty());
    assertThat(backup(without).code()).isEqualTo(ErrorCode.DATABASE_DENIED);
  }

  @Test
  void anUnknownDatabaseIsNamed() {
    LifeboatException failure = backup(cluster.superuser().withDatabase("nowhere"));
    assertThat(failure.code()).isEqualTo(ErrorCode.DATABASE_DENIED);
    assertThat(failure).hasMessageContaining("'nowhere'");
  }

  @Test
  void whereNobodyListensTryingAgainMayHelp() throws Exception {
    int port = EmbeddedCluster.freePort();
    LifeboatException failure =
        backup(
            PostgresAddress.parse(
                "postgresql://u@127.0.0.1:" + port + "/d", Optional.of(new Secret("x"))));
    assertThat(failure).isInstanceOf(TransientException.class);
    assertThat(failure.code()).isEqualTo(ErrorCode.DATABASE_UNREACHABLE);
    assertThat(failure).hasMessageContaining("127.0.0.1:" + port);
  }

  @Test
  void aHostThatDoesNotExistIsUnreachable() {
    PostgresAddress address =
        PostgresAddress.parse("postgresql://u@nowhere.invalid/d", Optional.of(new Secret("x")));
    assertThat(backup(address).code()).isEqualTo(ErrorCode.DATABASE_UNREACHABLE);
    assertThat(check(address)).singleElement().extracting(Finding::ok).isEqualTo(false);
  }

  @Test
  void tlsThatTheServerDoesNotHaveIsDenied() {
    PostgresAddress address =
        PostgresAddress.parse(
            "postgresql://postgres@" + cluster.superuser().place() + "/postgres?sslmode=require",
            Optional.of(new Secret("x")));
    LifeboatException failure = backup(address);
    assertThat(failure.code()).isEqualTo(ErrorCode.DATABASE_DENIED);
    assertThat(failure).hasMessageContaining("SSL");
  }

  @Test
  void olderServersAreRefusedByVersion() {
    LifeboatException failure =
        catchThrowableOfType(
            LifeboatException.class, () -> SourceCheck.requireVersion(cluster.superuser(), 140022));
    assertThat(failure.code()).isEqualTo(ErrorCode.DATABASE_TOO_OLD);
    assertThat(failure).hasMessageContaining("14.22");
  }

  @Test
  void theSystemIsTheOneThatSqlKnows() {
    try (var connection = ReplicationConnection.open(cluster.superuser(), Progress.none())) {
      ReplicationConnection.SystemIdentity identity = connection.identifySystem();
      assertThat(identity.systemIdentifier())
          .isEqualTo(cluster.ask("SELECT system_identifier FROM pg_control_system()"));
      assertThat(identity.timeline()).isEqualTo(1);
      assertThat(connection.identifySystem().systemIdentifier())
          .isEqualTo(identity.systemIdentifier());
    }
  }

  @Test
  void aCanaryIsWrittenAndFoundByItsQuery() {
    var canary = new Canary(new PostgresServer(cluster.address("writer", "right")));
    CanaryRow row = canary.write("it's 1", AssertionErrors::fail).orElseThrow();
    assertThat(Instant.parse(cluster.ask(Canary.queryFor("it's 1")))).isEqualTo(row.writtenAt());
    assertThat(cluster.ask(Canary.queryFor("another"))).isEmpty();
    for (int i = 0; i < 110; i++) {
      assertThat(canary.write("more " + i, AssertionErrors::fail)).isPresent();
    }
    assertThat(cluster.ask("SELECT count(*) FROM lifeboat.canary")).isEqualTo("100");
    assertThat(cluster.ask(Canary.queryFor("more 109"))).isNotEmpty();
  }

  @Test
  void aRoleThatMayNotWriteGetsAWarningInsteadOfACanary() {
    cluster.sql("CREATE DATABASE bare");
    var warnings = new ArrayList<String>();
    PostgresAddress address = cluster.address("backer", "right").withDatabase("bare");
    assertThat(new Canary(new PostgresServer(address)).write("b", warnings::add)).isEmpty();
    assertThat(warnings).singleElement().asString().contains("may not create");
    assertThat(check(address))
        .filteredOn(found -> found.id().equals("canary"))
        .singleElement()
        .satisfies(found -> assertThat(found.ok()).isFalse())
        .satisfies(found -> assertThat(found.severity()).isEqualTo(Finding.Severity.ADVICE));
  }

  @Test
  void aTableThatSomebodyElseOwnsIsNotWrittenTo() {
    cluster.sql("CREATE DATABASE trap");
    PostgresAddress boss = cluster.superuser().withDatabase("trap");
    EmbeddedCluster.sql(
        boss,
        "CREATE SCHEMA lifeboat AUTHORIZATION backer",
        "CREATE TABLE lifeboat.canary (id bigserial, backup text, written_at timestamptz)",
        "ALTER TABLE lifeboat.canary OWNER TO backer");
    var warnings = new ArrayList<String>();
    assertThat(new Canary(new PostgresServer(boss)).write("b", warnings::add)).isEmpty();
    assertThat(warnings).singleElement().asString().contains("belongs to another role");
    assertThat(EmbeddedCluster.ask(boss, "SELECT count(*) FROM lifeboat.canary")).isEqualTo("0");
  }

  @Test
  void theFactsAreTheServersOwn() {
    ClusterFacts facts = new ClusterInspection(new PostgresServer(cluster.superuser())).run();
    assertThat(facts.server().major()).isEqualTo(18);
    assertThat(facts.server().bootstrapSuperuser()).isEqualTo("postgres");
    assertThat(facts.settings())
        .containsKeys(ClusterInspection.FLOORS.toArray(String[]::new))
        .containsEntry("data_checksums", "on")
        .containsEntry("data_directory", cluster.data().toString());
    assertThat(facts.contents().databases())
        .extracting(ClusterFacts.Database::name)
        .contains("postgres", "template0", "template1");
    assertThat(facts.contents().extensions())
        .extracting(ClusterFacts.Extension::name)
        .contains("plpgsql");
    assertThat(ClusterFacts.fromJson(facts.toJson())).isEqualTo(facts);
  }

  @Test
  void whatARoleMayNotSeeIsLeftOut() {
    ClusterFacts facts =
        new ClusterInspection(new PostgresServer(cluster.address("backer", "right"))).run();
    assertThat(facts.settings()).containsKey("max_connections").doesNotContainKey("data_directory");
  }

  private static List<Finding> check(PostgresAddress address) {
    return new SourceCheck(new PostgresServer(address), Duration.ofMillis(50)).run();
  }

  private static LifeboatException backup(PostgresAddress address) {
    return catchThrowableOfType(
        LifeboatException.class,
        () ->
            new BaseBackup(new PostgresServer(address))
                .run("must fail", new NothingArrives(), Progress.none()));
  }

  private static final class AssertionErrors {
    static void fail(String warning) {
      throw new AssertionError(warning);
    }
  }

  private static final class NothingArrives implements BaseBackupConsumer {
    @Override
    public void directory(BaseBackupPath path, Attributes attributes) {
      throw new AssertionError(path);
    }

    @Override
    public void file(BaseBackupPath path, Attributes a, long sizeBytes, InputStream content) {
      throw new AssertionError(path);
    }

    @Override
    public void symlink(BaseBackupPath path, Attributes attributes, byte[] target) {
      throw new AssertionError(path);
    }
  }
}
