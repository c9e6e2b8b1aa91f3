package io.lifeboat.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.BaseBackupResult.Tablespace;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterFactsTest {
  private static final TruthManifest TRUTH =
      new TruthManifest(
          List.of(
              new TruthManifest.Database(
                  "shop",
                  List.of(new ClusterFacts.Extension("plpgsql", "1.0")),
                  List.of(
                      relation("lap", new RowCount.Exact(7)),
                      relation("log", new RowCount.Between(7, 9)),
                      relation("big", new RowCount.NotCounted("there was no time"))),
                  List.of(new TruthManifest.Sequence("public", "lap_id_seq", 7, -1)))),
          List.of(new TruthManifest.Role("boss", "SUPERUSER LOGIN")),
          List.of(new TruthManifest.Membership("boss", "clerk")),
          Map.of("work_mem", "64MB"),
          List.of("Nothing is known of the rest."));

  private static TruthManifest.Relation relation(String name, RowCount rows) {
    return new TruthManifest.Relation(
        "public",
        name,
        "r",
        "p",
        8192,
        rows,
        Optional.of("-12"),
        Optional.of(new TruthManifest.Newest("id", "7", "9")));
  }

  private static final ClusterFacts FACTS =
      new ClusterFacts(
          new ClusterFacts.Server(180006, "PostgreSQL 18.6 on x", "7500000000000000001", "boss"),
          Map.of("max_connections", "250", "wal_level", "logical"),
          new ClusterFacts.Contents(
              "shop",
              List.of(new ClusterFacts.Database("shop", Optional.of(7L), "UTF8", "C")),
              List.of(new ClusterFacts.Extension("plpgsql", "1.0")),
              17),
          Optional.of(
              new ClusterFacts.Capture(
                  Lsn.parse("0/2000028"),
                  Lsn.parse("0/4000000"),
                  1,
                  List.of(new Tablespace(16389, "/srv/fast")),
                  Optional.of(
                      new PageDamage(
                          3,
                          List.of(
                              new DamagedPage("base/5/1", 7, Optional.of("public.lap in shop")),
                              new DamagedPage("base/5/2", 0, Optional.empty())))),
                  Optional.of("01A"))),
          Optional.of(
              new CanaryRow(
                  3,
                  "01B",
                  "shop",
                  Instant.parse("2026-11-23T20:00:00.123456Z"),
                  Lsn.parse("0/1F"))),
          Optional.of(TRUTH));

  @Test
  void whatIsWrittenIsReadTheSame() {
    assertThat(ClusterFacts.fromJson(FACTS.toJson())).isEqualTo(FACTS);
  }

  @Test
  void positionsAndTimesAreReadableInTheJson() {
    assertThat(FACTS.toJson()).contains("\"0/2000028\"").contains("2026-11-23T20:00:00.123456Z");
  }

  @Test
  void aSnapshotOfBeforeTruthWasTakenHasNone() {
    String json = FACTS.toJson();
    String old = json.substring(0, json.indexOf(",\"truth\"")) + "}";
    assertThat(ClusterFacts.fromJson(old)).isEqualTo(FACTS.withTruth(Optional.empty()));
  }

  @Test
  void aSnapshotOfBeforeDamageWasRecordedHasNone() {
    String json = FACTS.toJson();
    String damage = json.substring(json.indexOf(",\"damage\""), json.indexOf("},\"canary\""));

    assertThat(ClusterFacts.fromJson(json.replace(damage, "")).capture().orElseThrow().damage())
        .isEmpty();
  }

  @Test
  void aFieldOfALaterVersionIsPassedOver() {
    String later = FACTS.toJson().replaceFirst("\\{", "{\"weather\":\"fair\",");
    assertThat(ClusterFacts.fromJson(later)).isEqualTo(FACTS);
  }

  @Test
  void aMissingFieldIsAnError() {
    String less = FACTS.toJson().replace("\"settings\"", "\"sett\"");
    PermanentException failure =
        catchThrowableOfType(PermanentException.class, () -> ClusterFacts.fromJson(less));
    assertThat(failure.code()).isEqualTo(ErrorCode.OBJECT_DAMAGED);
  }

  @Test
  void aCopyGetsTheSourcesLimitsAndReachesNobody() {
    var place = new CopySettings.Place("/tmp/s", 5432, "/tmp/c", "/tmp/h", "/tmp/i");
    Map<String, String> settings = CopySettings.scratch(FACTS, place).settings();
    assertThat(settings)
        .containsEntry("max_connections", "250")
        .containsEntry("wal_level", "logical")
        .containsEntry("listen_addresses", "")
        .containsEntry("archive_command", "")
        .containsEntry("primary_conninfo", "")
        .containsEntry("max_logical_replication_workers", "0")
        .containsEntry("shared_preload_libraries", "");
  }

  @Test
  void aSocketPathThatTheSystemCannotHoldIsRefused() {
    PermanentException failure =
        catchThrowableOfType(
            PermanentException.class,
            () -> new CopySettings.Place("/" + "x".repeat(100), 5432, "c", "h", "i"));
    assertThat(failure.code()).isEqualTo(ErrorCode.SCRATCH_UNAVAILABLE);
  }
}
