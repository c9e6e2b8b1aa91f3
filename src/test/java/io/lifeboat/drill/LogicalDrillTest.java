package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.DrillSummary;
import io.lifeboat.repository.EvidenceLocker;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.restore.DumpWorld;
import io.lifeboat.restore.FolderTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps of a real server, loaded into a new one. */
class LogicalDrillTest {
  private static final SigningKey KEY = SigningKey.generate(new SecureRandom());

  @TempDir Path folder;

  @Test
  void aDumpIsProvenByLoadingItAndOneThatCannotBeLoadedFails() throws Exception {
    Assumptions.assumeTrue(DumpWorld.isPossible(), "PostgreSQL 15 is not in " + DumpWorld.PROGRAMS);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (var world = new DumpWorld(folder)) {
      world
          .server()
          .sql(
              "create role clerk login password 'secret'",
              "create table orders as select i as id from generate_series(1, 500) i",
              "alter table orders owner to clerk",
              "create materialized view kept as select count(*) from orders");
      DrillResult good = drill(world, world.backUp("postgres").snapshot(), Optional.empty());

      assertThat(good.verdict()).isEqualTo(Verdict.PASS);
      assertThat(good.level()).contains(ProofLevel.L7);
      assertThat(detail(good, "ROW-1")).isEqualTo("1 tables have 500 rows, as many as were dumped");
      assertThat(good.rpo()).isPresent();
      anotherMajorVersionRevokes(info(world, good.snapshot()));

      world
          .server()
          .sql(
              "create table lim (a int)",
              "create function short() returns int language sql as 'select count(*)::int from lim'",
              "create table checked (a int check (a > short()))",
              "insert into checked values (5)");
      String fragile = world.backUp("postgres").snapshot();
      DrillResult bad = drill(world, fragile, Optional.of(ScratchKind.process));

      assertThat(bad.verdict()).isEqualTo(Verdict.FAIL);
      assertThat(detail(bad, "ROW-1")).contains("42P01", "lim");

      DrillResult nowhere = drill(world, fragile, Optional.of(ScratchKind.docker));
      assertThat(nowhere.verdict()).isEqualTo(Verdict.ERROR);
    }
  }

  /** By what a real server says of itself. */
  private static void anotherMajorVersionRevokes(SnapshotInfo dump) {
    DrillSummary.Terms now = dump.proof().orElseThrow().terms().orElseThrow();
    var later =
        new DrillSummary.Terms(
            now.plan(),
            now.planDigest(),
            now.keys(),
            "",
            "postgres 99.1",
            now.validUntil(),
            now.snapshotAt(),
            1,
            1);
    var basis = new ProofBasis(Optional.empty(), Optional.empty(), Set.of(), List.of(later));
    assertThat(basis.changesSince(now, dump))
        .singleElement()
        .asString()
        .contains("major version", "PostgreSQL 99 now");
    var same = new ProofBasis(Optional.empty(), Optional.empty(), Set.of(), List.of(now));
    assertThat(same.changesSince(now, dump)).isEmpty();
  }

  private static String detail(DrillResult result, String check) {
    return result.checks().stream()
        .filter(found -> found.id().equals(check))
        .findFirst()
        .orElseThrow()
        .detail();
  }

  private static SnapshotInfo info(DumpWorld world, String snapshot) {
    return world.repository().reader().snapshots().stream()
        .filter(one -> one.id().equals(snapshot))
        .findFirst()
        .orElseThrow();
  }

  private DrillResult drill(DumpWorld world, String snapshot, Optional<ScratchKind> kind)
      throws Exception {
    SnapshotInfo info = info(world, snapshot);
    var request =
        new DrillRequest(
            "dr_" + snapshot + kind.map(Enum::name).orElse(""),
            Clock.systemUTC().instant(),
            "test",
            "nightly",
            "0".repeat(64),
            kind,
            Optional.empty(),
            Optional.of(DumpWorld.PROGRAMS),
            Optional.empty(),
            List.of(
                new PlanConfig.Check(
                    "APP-1",
                    "select count(*) from orders",
                    "= 500",
                    "orders are missing",
                    Optional.empty())),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    EvidenceLocker locker = world.repository().writer().evidence();
    EvidenceStore evidence = (drill, record) -> locker.keep("shop", drill, record);
    try (var scratches =
        new ScratchFactory(folder.resolve("work"), FolderTarget::new, Clock.systemUTC())) {
      return new DrillEngine(scratches, Clock.systemUTC())
          .run(
              request,
              info,
              () -> world.repository().reader().read(snapshot),
              KEY,
              evidence,
              Progress.none());
    }
  }
}
