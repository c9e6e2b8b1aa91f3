package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.drill.ControlResult;
import io.lifeboat.operation.FakeEngines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One service after another on the same files. */
@Timeout(60)
class ServiceTest {
  @TempDir Path folder;

  @Test
  void theTokenIsPrintedOnceAndServesAcrossRestartsAndLiesNowhere() throws Exception {
    String token;
    String operation;
    try (var first = RunningService.around(FakeEngines.quick(), folder)) {
      token = first.printedToken().orElseThrow();
      operation = first.post("/v1/backups", "{\"plan\":\"books-plan\"}").text("/id");
      first.ended(operation);
    }
    try (var second = RunningService.around(FakeEngines.quick(), folder)) {
      assertThat(second.printedToken()).isEmpty();
      second.token = java.util.Optional.of(token);
      assertThat(second.get("/v1/operations/" + operation).text("/state")).isEqualTo("SUCCEEDED");
      assertThat(second.admin("/metrics").body())
          .contains(
              "lifeboat_backup_runs_total{plan=\"books-plan\",result=\"succeeded\",source=\"books\"}"
                  + " 1.0");
    }
    String secret = token.substring("lbt_".length());
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readAllBytes(file))
            .asString(java.nio.charset.StandardCharsets.ISO_8859_1)
            .doesNotContain(secret);
      }
    }
  }

  @Test
  void aStopEndsWhatRunsAndTheNextStartStillKnowsIt() throws Exception {
    var engines = new FakeEngines();
    String running;
    String waiting;
    String token;
    try (var first = RunningService.around(engines, folder)) {
      token = first.printedToken().orElseThrow();
      running = first.post("/v1/backups", "{\"plan\":\"books-plan\"}").text("/id");
      waiting = first.post("/v1/drills", "{\"plan\":\"books-plan\"}").text("/id");
      engines.begun.take();
    }
    var capabilities = new FakeCapabilities(FakeEngines.quick());
    try (var second = new RunningService(folder, capabilities)) {
      second.token = java.util.Optional.of(token);
      assertThat(second.get("/v1/operations/" + running).text("/state")).isEqualTo("INTERRUPTED");
      assertThat(second.get("/v1/operations/" + waiting).text("/state")).isEqualTo("INTERRUPTED");
      assertThat(capabilities.calls).contains("cleanup");
      var again = second.post("/v1/backups", "{\"plan\":\"books-plan\"}");
      assertThat(second.ended(again.text("/id")).text("/state")).isEqualTo("SUCCEEDED");
    }
    assertThat(capabilities.calls).last().isEqualTo("close");
  }

  @Test
  void aPruneThatAStopCutOffIsInterruptedAndMayBeAskedForAgain() throws Exception {
    var engines = new FakeEngines();
    String running;
    String token;
    try (var first = RunningService.around(engines, folder)) {
      token = first.printedToken().orElseThrow();
      running = first.post("/v1/prunes", "{\"repository\":\"local\"}").text("/id");
      engines.begun.take();
    }
    try (var second = RunningService.around(FakeEngines.quick(), folder)) {
      second.token = java.util.Optional.of(token);
      assertThat(second.get("/v1/operations/" + running).text("/state")).isEqualTo("INTERRUPTED");
      var again = second.post("/v1/prunes", "{\"repository\":\"local\"}");
      assertThat(second.ended(again.text("/id")).text("/state")).isEqualTo("SUCCEEDED");
    }
  }

  @Test
  void metricsTellWhenARepositoryWasPrunedAndFoundSoundLast() throws Exception {
    var engines = FakeEngines.quick();
    try (var service = RunningService.around(engines, folder)) {
      String body = "{\"repository\":\"local\"}";
      String dry = "{\"repository\":\"local\",\"dryRun\":true}";
      service.ended(service.post("/v1/prunes", dry).text("/id"));
      engines.problems.add("a pack is missing");
      service.ended(service.post("/v1/verifications", body).text("/id"));
      assertThat(service.admin("/metrics").body())
          .contains("lifeboat_verify_runs_total{repository=\"local\",result=\"failed\"} 1.0")
          .contains(
              "lifeboat_repository_next_fire_timestamp_seconds{repository=\"local\",type=\"prune\"}")
          .contains(
              "lifeboat_repository_skipped_runs_total{repository=\"local\",type=\"prune\"} 0.0")
          .doesNotContain("lifeboat_verify_last_success_timestamp_seconds{")
          .doesNotContain("lifeboat_prune_last_success_timestamp_seconds{")
          .doesNotContain("lifeboat_prune_runs_total{");

      engines.problems.clear();
      var pruned = service.ended(service.post("/v1/prunes", body).text("/id"));
      service.ended(service.post("/v1/verifications", body).text("/id"));
      double at = Instant.parse(pruned.text("/finishedAt")).toEpochMilli() / 1000.0;
      assertThat(service.admin("/metrics").body())
          .contains("lifeboat_verify_last_success_timestamp_seconds{repository=\"local\"} ")
          .contains("lifeboat_prune_last_success_timestamp_seconds{repository=\"local\"} " + at)
          .contains("lifeboat_prune_runs_total{repository=\"local\",result=\"succeeded\"} 1.0");
    }
  }

  @Test
  void aRepositoryWhoseLastPruneOrVerificationFailedIsUnhealthyUntilOneEndsWell() throws Exception {
    var engines = FakeEngines.quick();
    try (var service = RunningService.around(engines, folder)) {
      String body = "{\"repository\":\"local\"}";
      String dry = "{\"repository\":\"local\",\"dryRun\":true}";
      assertThat(service.admin("/healthcheck").statusCode()).isEqualTo(200);
      engines.problems.add("a pack is missing");
      engines.refused.add("p/d/00/00 is locked");
      service.ended(service.post("/v1/verifications", body).text("/id"));
      service.ended(service.post("/v1/prunes", body).text("/id"));
      engines.refused.clear();
      service.ended(service.post("/v1/prunes", dry).text("/id"));

      var unhealthy = service.admin("/healthcheck");
      assertThat(unhealthy.statusCode()).isEqualTo(500);
      assertThat(unhealthy.body())
          .contains("\"last-verify-local\":{\"healthy\":false")
          .contains("VERIFICATION_FAILED", "a pack is missing")
          .contains("\"last-prune-local\":{\"healthy\":false")
          .contains("PRUNE_INCOMPLETE");

      engines.problems.clear();
      service.ended(service.post("/v1/verifications", body).text("/id"));
      assertThat(service.admin("/healthcheck").body())
          .contains("\"last-verify-local\":{\"healthy\":true");
      service.ended(service.post("/v1/prunes", body).text("/id"));
      assertThat(service.admin("/healthcheck").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aDrillThatMissesADamageIsAnAlarmUntilAllAreFoundAgain() throws Exception {
    var engines = FakeEngines.quick();
    try (var service = RunningService.around(engines, folder)) {
      String body = "{\"plan\":\"books-plan\"}";
      engines.controlled = ControlResult.Outcome.MISSED;
      var missed = service.ended(service.post("/v1/controls", body).text("/id"));
      assertThat(missed.text("/state")).isEqualTo("FAILED");
      assertThat(missed.text("/verdict")).isEqualTo("MISSED");
      assertThat(missed.text("/error/code")).isEqualTo("CONTROL_MISSED");
      assertThat(missed.text("/result/controls/0/damage")).isEqualTo("flipped-bit");
      engines.controlled = ControlResult.Outcome.UNTRIED;
      service.ended(service.post("/v1/controls", body).text("/id"));

      assertThat(service.admin("/metrics").body())
          .contains(
              "lifeboat_control_runs_total{plan=\"books-plan\",result=\"missed\",source=\"books\"}"
                  + " 1.0");
      assertThat(service.admin("/healthcheck").body())
          .contains("\"drills-of-books-plan\":{\"healthy\":false", "CONTROL_MISSED", "flipped-bit");

      engines.controlled = ControlResult.Outcome.FOUND;
      service.ended(service.post("/v1/controls", body).text("/id"));
      assertThat(service.admin("/healthcheck").body())
          .contains("\"drills-of-books-plan\":{\"healthy\":true");
    }
  }

  @Test
  void metricsTellHowMuchIsProven() throws Exception {
    var engines = FakeEngines.quick();
    Instant at = Instant.parse("2026-03-01T02:00:00Z");
    engines.snapshots.add(FakeEngines.snapshot("snap-1", "books", at));
    for (int day = 1; day <= 2; day++) {
      engines.snapshots.add(
          FakeEngines.snapshot("later-" + day, "books", at.plusSeconds(86_400L * day))
              .withProof(Optional.empty()));
    }
    try (var service = RunningService.around(engines, folder)) {
      service.ended(service.post("/v1/backups", "{\"plan\":\"books-plan\"}").text("/id"));
      String of = "{plan=\"books-plan\",source=\"books\"} ";
      assertThat(service.admin("/metrics").body())
          .contains("lifeboat_snapshots_kept" + of + "3.0")
          .contains("lifeboat_snapshots_proven" + of + "1.0")
          .contains("lifeboat_newest_snapshot_proven" + of + "0.0")
          .contains("lifeboat_oldest_unproven_snapshot_timestamp_seconds" + of + "1.772416791E9");
    }
  }

  @Test
  void metricsAndHealthSpeakOfPlansProofsAndTheKitThatLiesAround() throws Exception {
    var engines = FakeEngines.quick();
    engines.snapshots.add(
        FakeEngines.snapshot("snap-1", "books", Instant.parse("2026-03-01T02:00:00Z")));
    Files.writeString(folder.resolve("recovery-kit.txt"), "kit");
    try (var service = RunningService.around(engines, folder)) {
      service.ended(service.post("/v1/drills", "{\"plan\":\"books-plan\"}").text("/id"));
      service.ended(service.post("/v1/backups", "{\"plan\":\"books-plan\"}").text("/id"));

      String metrics = service.admin("/metrics").body();
      assertThat(metrics)
          .contains(
              "lifeboat_drill_runs_total{plan=\"books-plan\",result=\"pass\",source=\"books\"} 1.0")
          .contains("lifeboat_drill_last_rto_seconds{plan=\"books-plan\",source=\"books\"} 42.0")
          .contains("lifeboat_drill_last_rpo_seconds{plan=\"books-plan\",source=\"books\"} 7.0")
          .contains("lifeboat_backup_last_stored_bytes{plan=\"books-plan\",source=\"books\"} 100.0")
          .contains("lifeboat_backup_last_size_bytes{source=\"books\"} 5000.0")
          .contains("lifeboat_recovery_point_timestamp_seconds{source=\"books\"} 1.772330391E9")
          .contains(
              "lifeboat_verified_recovery_point_timestamp_seconds{level=\"L6\",source=\"books\"}")
          .doesNotContain("level=\"L7\"")
          .contains("lifeboat_snapshots_kept{plan=\"books-plan\",source=\"books\"} 1.0")
          .contains("lifeboat_snapshots_proven{plan=\"books-plan\",source=\"books\"} 1.0")
          .contains("lifeboat_newest_snapshot_proven{plan=\"books-plan\",source=\"books\"} 1.0")
          .doesNotContain("lifeboat_oldest_unproven_snapshot_timestamp_seconds{")
          .contains("lifeboat_objective_rto_seconds{plan=\"books-plan\",source=\"books\"} 1800.0")
          .contains("lifeboat_operations{state=\"succeeded\",type=\"backup\"} 1.0")
          .contains(
              "lifeboat_schedule_next_fire_timestamp_seconds{plan=\"books-plan\",type=\"backup\"}")
          .contains("lifeboat_scratch_environments 3.0")
          .contains("lifeboat_build_info{version=")
          .contains("jvm_memory_used_bytes");
      var health = service.admin("/healthcheck");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body())
          .contains("\"database\":{\"healthy\":true")
          .contains("\"repository-local\":{\"healthy\":true")
          .contains("take recovery-kit.txt away");
    }
  }
}
