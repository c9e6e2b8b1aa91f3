package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.RowCount;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.postgres.TruthManifest;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.postgres.TruthManifest.Relation;
import io.lifeboat.progress.Progress;
import io.lifeboat.restore.FolderTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that are sound in themselves, and have or lack what the truth manifest says. */
@Tag("slow")
class TruthDrillTest {
  @TempDir static Path sourceFolder;
  private static Path backup;
  private static ClusterFacts facts;
  private static TruthManifest before;

  @TempDir Path work;

  /** Between the first manifest and the backup, all that it tells is broken. */
  @BeforeAll
  static void backUp() throws Exception {
    backup = Files.createDirectory(sourceFolder.resolve("backup"));
    try (var source = SourceCluster.start(sourceFolder.resolve("source"))) {
      source.sql(
          "create role clerk login",
          "create role desk",
          "grant desk to clerk",
          "create database gone",
          "create table public.orders(id bigserial primary key, note text)",
          "insert into public.orders(note) select i::text from generate_series(1, 1000) i",
          "create table public.prices(id int primary key, cents bigint)",
          "insert into public.prices select i, i * 100 from generate_series(1, 300) i",
          "create table public.\"it's \\\\ odd\"(at timestamptz)",
          "create table public.dropped()",
          "create unlogged table public.cache(id int)");
      before = source.truth();
      source.sql(
          "delete from public.orders where id = 1000",
          "update public.prices set cents = 1 where id = 7",
          "select setval('public.orders_id_seq', 900)",
          "drop table public.dropped",
          "drop database gone",
          "update pg_catalog.pg_extension set extversion = '0.9' where extname = 'plpgsql'",
          "alter role clerk nologin",
          "revoke desk from clerk");
      facts = source.backUp("b1", backup);
    }
  }

  @BeforeEach
  void openTheWorkFolder() throws Exception {
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void aCopyOfWhatWasBackedUpHasAllOfIt() throws Exception {
    Map<String, CheckResult> found = drill(facts.truth());
    assertThat(found.get("CNT-1").detail())
        .isEqualTo("3 tables have as many rows as when they were backed up");
    assertThat(found.get("DIG-1").detail()).startsWith("3 tables have the same rows");
    assertThat(found.get("NEW-1").detail()).startsWith("2 tables have their newest row");
    assertThat(found.get("SEQ-1").detail()).startsWith("1 sequences");
    assertThat(found.get("EXT-1").detail()).startsWith("1 extensions");
    assertThat(found.values())
        .allSatisfy(check -> assertThat(check.result()).as("%s", check).isIn(PASS_OR_SKIPPED));
    assertThat(found.get("ROL-1").result()).isEqualTo(Verdict.PASS);
  }

  @Test
  void aCopyThatLacksARowFailsAndSoDoesEverythingElseThatIsMissing() throws Exception {
    List<Database> databases = new ArrayList<>(before.databases());
    databases.add(database(orders(new RowCount.Between(1000, 1010))));
    Map<String, CheckResult> found =
        drill(
            Optional.of(
                new TruthManifest(
                    databases, before.roles(), before.memberships(), Map.of(), List.of())));
    failed(
        found.get("CNT-1"),
        "public.orders in postgres has 999 rows, not 1000",
        "public.orders in postgres has 999 rows, not between 1000 and 1010",
        "public.dropped in postgres is missing",
        "database gone");
    failed(found.get("DIG-1"), "public.prices in postgres has other rows", "public.orders");
    failed(found.get("NEW-1"), "public.orders in postgres ends at id 999, not 1000");
    failed(found.get("SEQ-1"), "public.orders_id_seq in postgres is at 900, not at 1000");
    failed(found.get("EXT-1"), "extension plpgsql in postgres is 0.9, not 1.0");
    failed(found.get("ROL-1"), "role clerk has '', not 'LOGIN'", "clerk is a member of desk");
    assertThat(found.get("STR-1").result()).isEqualTo(Verdict.PASS);
  }

  @Test
  void boundsHoldAndWhatWasNotCountedIsNotJudged() throws Exception {
    CheckResult counts =
        drill(
                Optional.of(
                    new TruthManifest(
                        List.of(
                            database(orders(new RowCount.Between(990, 999))),
                            database(orders(new RowCount.NotCounted("it changed")))),
                        List.of(),
                        List.of(),
                        Map.of(),
                        List.of())))
            .get("CNT-1");
    assertThat(counts.result()).isEqualTo(Verdict.PASS);
    assertThat(counts.detail())
        .isEqualTo(
            "1 tables have as many rows as when they were backed up; 1 could not be compared:"
                + " public.orders in postgres, as it changed");
  }

  @Test
  void withoutAManifestNothingIsSaidOfTheContents() throws Exception {
    Map<String, CheckResult> found = drill(Optional.empty());
    assertThat(found.get("CNT-1").result()).isEqualTo(Verdict.SKIPPED);
    assertThat(found).doesNotContainKeys("DIG-1", "ROL-1");
  }

  private static final List<Verdict> PASS_OR_SKIPPED = List.of(Verdict.PASS, Verdict.SKIPPED);

  private static void failed(CheckResult check, String... told) {
    assertThat(check.result()).as("%s", check).isEqualTo(Verdict.FAIL);
    assertThat(check.detail()).contains(told);
  }

  private static Relation orders(RowCount rows) {
    return new Relation(
        "public", "orders", "r", "p", 8192, rows, Optional.empty(), Optional.empty());
  }

  private static Database database(Relation relation) {
    return new Database("postgres", List.of(), List.of(relation), List.of());
  }

  private Map<String, CheckResult> drill(Optional<TruthManifest> truth) throws Exception {
    var snapshot = new FolderSnapshot("b1", "postgres", facts.withTruth(truth).toJson(), backup);
    var request =
        new DrillRequest(
            "dr-1",
            Clock.systemUTC().instant(),
            "test",
            "shop-nightly",
            "0".repeat(64),
            Optional.of(ScratchKind.process),
            Optional.empty(),
            Optional.of(SourceCluster.programs()),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    EvidenceStore store = (drill, record) -> "e/" + drill.drill();
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      return new DrillEngine(scratches, Clock.systemUTC())
              .run(
                  request,
                  snapshot.root().info(),
                  () -> snapshot,
                  SigningKey.generate(new SecureRandom()),
                  store,
                  Progress.none())
              .checks()
              .stream()
              .collect(Collectors.toMap(CheckResult::id, check -> check));
    }
  }
}
