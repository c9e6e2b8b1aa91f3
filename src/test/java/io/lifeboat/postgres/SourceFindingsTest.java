package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.State.COULD_BE_BETTER;
import static io.lifeboat.postgres.Finding.State.GOOD;
import static io.lifeboat.postgres.Finding.State.STANDS_IN_THE_WAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every line of the check turns when the server does, and the SQL that it names turns it back. */
class SourceFindingsTest {
  private static final Duration GLANCE = Duration.ofMillis(300);

  @TempDir Path folder;

  @Test
  void whatIsNotWellOnPostgres18IsMendedByTheSqlThatItsLineNames() throws Exception {
    try (EmbeddedCluster cluster = create(0)) {
      cluster.start(Map.of("max_prepared_transactions", "2"));
      cluster.sql(
          "CREATE ROLE plain LOGIN REPLICATION PASSWORD 'right'",
          "ALTER SYSTEM SET full_page_writes = off",
          "ALTER SYSTEM SET idle_replication_slot_timeout = '1d'",
          "SELECT pg_reload_conf()");
      PostgresAddress address = cluster.address("plain", "right");
      Map<String, Finding> before = findings(address);
      List<String> mendable =
          List.of(
              "slot_limit",
              "idle_slots",
              "full_page_writes",
              "summarize_wal",
              "read_all_settings",
              "read_all_stats",
              "read_all_data",
              "switch_wal",
              "restore_point",
              "canary");
      assertThat(ids(before, COULD_BE_BETTER)).containsExactlyInAnyOrderElementsOf(mendable);
      assertThat(ids(before, STANDS_IN_THE_WAY)).isEmpty();
      assertThat(before.get("idle_slots").sentence()).contains("is 1d");
      assertThat(before.get("speed").sentence()).contains(" MB/s come over the network");

      for (String id : mendable) {
        cluster.sql(before.get(id).remedySql().orElseThrow().split("(?<=;) ", -1));
      }
      Map<String, Finding> after = findings(address);
      assertThat(ids(after, GOOD)).containsAll(mendable);
      assertThat(after.get("slot_limit").sentence()).contains("is 9GB");

      cluster.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'", "SELECT pg_reload_conf()");
      assertThat(findings(address).get("slot_limit").sentence()).contains("64MB", "will fail");
    }
  }

  @Test
  void whatIsInAServerIsTold() throws Exception {
    try (EmbeddedCluster cluster = create(0)) {
      cluster.start(Map.of("max_prepared_transactions", "2", "allow_in_place_tablespaces", "on"));
      Path place = Files.createDirectory(folder.resolve("place"));
      cluster.sql(
          "CREATE UNLOGGED TABLE cache (n int)",
          "CREATE TABLESPACE beside LOCATION '" + place + "'",
          "BEGIN",
          "CREATE TABLE half (n int)",
          "PREPARE TRANSACTION 'half'");
      Map<String, Finding> told = findings(cluster.superuser());
      assertThat(told.get("unlogged").sentence()).contains("has 1 unlogged tables");
      assertThat(told.get("prepared").sentence()).contains("1 prepared transactions wait");
      assertThat(told.get("tablespaces").sentence()).contains("beside (" + place + ")");
      assertThat(ids(told, STANDS_IN_THE_WAY)).isEmpty();

      cluster.sql("CREATE TABLESPACE within LOCATION ''");
      Finding inPlace = findings(cluster.superuser()).get("tablespaces");
      assertThat(inPlace.state()).isEqualTo(STANDS_IN_THE_WAY);
      assertThat(inPlace.sentence()).contains("within");
    }
  }

  @Test
  void aFullHouseOnPostgres15StandsInTheWay() throws Exception {
    try (EmbeddedCluster cluster = create(3)) {
      cluster.start(Map.of("max_replication_slots", "1", "max_wal_senders", "0"));
      cluster.sql("SELECT pg_create_physical_replication_slot('somebody')");
      Map<String, Finding> found = findings(cluster.superuser());
      assertThat(ids(found, STANDS_IN_THE_WAY)).containsExactlyInAnyOrder("slots", "walsenders");
      assertThat(found).doesNotContainKeys("summarize_wal", "idle_slots", "replication");
      assertThat(found.get("support").sentence()).contains("PostgreSQL 15 is mended until 2027");
      assertThat(found.get("slots").remedySql())
          .contains("ALTER SYSTEM SET max_replication_slots = 11;");
    }
  }

  @Test
  void aVersionThatIsNoLongerMendedIsAdvisedAgainst() {
    assertThat(ServerSupport.finding(15, LocalDate.of(2027, 11, 11)).state()).isEqualTo(GOOD);
    assertThat(ServerSupport.finding(15, LocalDate.of(2027, 11, 12)).state())
        .isEqualTo(COULD_BE_BETTER);
    assertThat(ServerSupport.finding(19, LocalDate.of(2040, 1, 1)).state()).isEqualTo(GOOD);
  }

  @Test
  void aSpeedSaysHowLongAFullBackupTakes() {
    assertThat(LinkSpeed.sentence(100_000_000, 90_000_000_000L))
        .startsWith("100 MB/s come")
        .endsWith("a full backup of 90000 MB takes at least 15 min 1 s.");
    assertThat(LinkSpeed.sentence(10_000_000, 90_000_000_000L)).endsWith("at least 2 h 30 min.");
  }

  private EmbeddedCluster create(int olderBy) throws Exception {
    return EmbeddedCluster.create(
        EmbeddedPrograms.ofEveryVersion().get(olderBy),
        Files.createDirectory(folder.resolve("source")));
  }

  private static Map<String, Finding> findings(PostgresAddress address) {
    return new SourceCheck(new PostgresServer(address), GLANCE)
        .run().stream().collect(Collectors.toMap(Finding::id, found -> found));
  }

  private static List<String> ids(Map<String, Finding> findings, Finding.State state) {
    return findings.values().stream()
        .filter(found -> found.state() == state)
        .map(Finding::id)
        .toList();
  }
}
