package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.FolderTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sources that were damaged before they were backed up: every byte arrives as it was, and only
 * looking at what the bytes mean shows the damage. Runs on installed programs, which have amcheck.
 */
@Tag("docker") // for PostgreSQL 15, which is there where the test image is
class DamagedClusterTest {
  @TempDir Path folder;
  private Path work;

  @BeforeEach
  void openTheWorkFolder() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    work = Files.createDirectory(folder.resolve("work"));
  }

  private interface Damage {
    void to(SourceCluster source, Path data) throws Exception;
  }

  private DrillResult drillAfter(Damage damage) throws Exception {
    return drillAfter(damage, ScratchKind.process);
  }

  private DrillResult drillAfter(Damage damage, ScratchKind kind) throws Exception {
    Path backup = Files.createDirectory(folder.resolve("backup"));
    PostgresPrograms programs = PostgresPrograms.find(15, Optional.empty(), "");
    ClusterFacts facts;
    try (var source = SourceCluster.start(programs, folder.resolve("source"))) {
      source.sql(
          "create function public.twist(i int) returns int language sql immutable as 'select i'",
          "create table public.orders(id int primary key, note text)",
          "create table public.notes(id int primary key)",
          "insert into public.orders select i, 'paid' from generate_series(1, 5000) i",
          "create index twisted on public.orders (public.twist(id))",
          "checkpoint");
      damage.to(source, folder.resolve("source/data"));
      facts = source.backUp("b1", backup);
    }
    var request =
        new DrillRequest(
            "dr-1",
            Clock.systemUTC().instant(),
            "test",
            "shop-nightly",
            "0".repeat(64),
            Optional.of(kind),
            Optional.of("lifeboat/postgres:15"),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    EvidenceStore store = (drill, record) -> "e/" + drill.drill();
    var snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), backup);
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      return new DrillEngine(scratches, Clock.systemUTC())
          .run(
              request,
              snapshot.root().info(),
              () -> snapshot,
              SigningKey.generate(new SecureRandom()),
              store,
              Progress.none());
    }
  }

  private static CheckResult check(DrillResult result, String id) {
    return result.checks().stream()
        .filter(check -> check.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError(id + " is not among " + result.checks()));
  }

  @Test
  void aSoundSourcePassesEveryLookInside() throws Exception {
    DrillResult result = drillAfter((source, data) -> {});
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
    assertThat(check(result, "STR-1").detail()).contains("tables in 2 databases");
    assertThat(check(result, "STR-2").result()).isEqualTo(Verdict.PASS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aTableWhoseFileIsGoneFails(String kind) throws Exception {
    DrillResult result =
        drillAfter(
            (source, data) ->
                Files.delete(
                    data.resolve(source.ask("select pg_relation_filepath('public.orders')"))),
            ScratchKind.valueOf(kind));
    assertThat(check(result, "MAN-1").result()).isEqualTo(Verdict.PASS);
    assertThat(check(result, "STR-1").result()).isEqualTo(Verdict.FAIL);
    assertThat(check(result, "STR-1").detail()).contains("in database postgres: public.orders");
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.level()).contains(ProofLevel.L4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void anIndexThatDisagreesWithItsTableFails(String kind) throws Exception {
    DrillResult result =
        drillAfter(
            (source, data) ->
                source.sql(
                    "create or replace function public.twist(i int) returns int language sql"
                        + " immutable as 'select -i'"),
            ScratchKind.valueOf(kind));
    assertThat(check(result, "STR-1").result()).isEqualTo(Verdict.PASS);
    assertThat(check(result, "STR-2").result()).as("%s", result.checks()).isEqualTo(Verdict.FAIL);
    assertThat(check(result, "STR-2").detail()).contains("twisted");
  }
}
