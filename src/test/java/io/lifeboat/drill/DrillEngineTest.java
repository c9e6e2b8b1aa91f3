package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.EvidenceLink;
import io.lifeboat.restore.FolderTarget;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DrillEngineTest {
  private static final SigningKey KEY = SigningKey.generate(new SecureRandom());

  @TempDir static Path sourceFolder;
  private static Path backup;
  private static ClusterFacts facts;
  private static String ordersFile;

  @TempDir Path work;
  private final List<byte[]> kept = new ArrayList<>();

  @BeforeAll
  static void backUp() throws Exception {
    backup = Files.createDirectory(sourceFolder.resolve("backup"));
    try (var source = SourceCluster.start(sourceFolder.resolve("source"))) {
      source.sql(
          "create database shop",
          "create table public.orders(id int primary key, state text, at timestamptz)",
          "insert into public.orders select i, 'paid', '2026-01-31 01:00:00Z'"
              + " from generate_series(1, 20000) i",
          "checkpoint");
      ordersFile = source.ask("select pg_relation_filepath('public.orders')");
      facts = source.backUp("b1", backup);
    }
  }

  @BeforeEach
  void openTheWorkFolder() throws Exception {
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private DrillResult drill(Path folder, DrillRequest request) throws Exception {
    return drill(new FolderSnapshot("b1", "postgres", facts.toJson(), folder), request);
  }

  private DrillResult drill(FolderSnapshot snapshot, DrillRequest request) {
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      EvidenceStore store =
          (drill, record) -> {
            assertThat(leftovers()).as("evidence is written after the scratch is gone").isEmpty();
            kept.add(record.apply(new EvidenceLink("7f3a", 1, EvidenceLink.NO_PREVIOUS)));
            return "e/" + drill.drill();
          };
      return new DrillEngine(scratches, Clock.systemUTC())
          .run(request, snapshot.root().info(), () -> snapshot, KEY, store, Progress.none());
    }
  }

  private static DrillRequest request(Optional<ProofLevel> level, PlanConfig.Check... checks)
      throws Exception {
    return new DrillRequest(
        "dr-1",
        Clock.systemUTC().instant(),
        "test",
        "shop-nightly",
        "0".repeat(64),
        Optional.of(ScratchKind.process),
        Optional.empty(),
        Optional.of(SourceCluster.programs()),
        level,
        List.of(checks),
        Optional.of(Duration.ofNanos(1)),
        Optional.of(Duration.ofHours(1)),
        Optional.of(Duration.ofDays(7)));
  }

  private static PlanConfig.Check check(String id, String sql, String expect) {
    return new PlanConfig.Check(id, sql, expect, "orders are missing", Optional.empty());
  }

  @Test
  void aSoundBackupIsProvenToTheTopAndTheEvidenceSaysSo() throws Exception {
    DrillResult result =
        drill(
            backup,
            request(
                Optional.of(ProofLevel.L6),
                check("APP-1", "select count(*) from orders", "= 20000"),
                check("APP-2", "select max(at) from orders", ">= 2026-01-31"),
                check("APP-3", "select state from orders where id = 7", "= 'paid'")));

    assertThat(results(result))
        .as("%s", result.checks())
        .containsEntry("OBJ-1", Verdict.PASS)
        .containsEntry("KEY-1", Verdict.PASS)
        .containsEntry("RST-1", Verdict.PASS)
        .containsEntry("MAN-1", Verdict.PASS)
        .containsEntry("BOOT-1", Verdict.PASS)
        .containsEntry("STR-1", Verdict.PASS)
        .containsEntry("CAN-1", Verdict.PASS)
        .containsEntry("CNT-1", Verdict.PASS)
        .containsEntry("APP-1", Verdict.PASS)
        .containsEntry("APP-2", Verdict.PASS)
        .containsEntry("APP-3", Verdict.PASS);
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L7);
    assertThat(result.phases().keySet())
        .containsExactly("allocate", "restore", "manifest", "boot", "check", "teardown");
    assertThat(result.objectives())
        .extracting(ObjectiveResult::name, ObjectiveResult::met)
        .contains(org.assertj.core.api.Assertions.tuple("rto", true));
    EvidenceVerifier.Verification evidence =
        EvidenceVerifier.verify(kept.getFirst(), List.of(KEY.verifyKey()));
    assertThat(evidence.valid()).as(evidence.reason()).isTrue();
    assertThat(evidence.drill()).isEqualTo("dr-1");
    assertThat(evidence.verdict()).isEqualTo(Verdict.PASS);
    assertThat(evidence.level()).contains(ProofLevel.L7);
    assertThat(new String(kept.getFirst(), java.nio.charset.StandardCharsets.UTF_8))
        .startsWith("{\"actor\":\"test\",\"backup\":{")
        .contains("\"cleanup\":{\"complete\":true,\"leaked\":[]}")
        .contains("\"network\":\"none\"");
  }

  @Test
  void aPageDamagedAfterTheManifestWasMadeFailsBeforeTheBoot() throws Exception {
    Path damaged = copyOfBackup();
    Path file = damaged.resolve("data").resolve(ordersFile);
    try (var page = new RandomAccessFile(file.toFile(), "rw")) {
      page.seek(8192 + 4000);
      page.write(page.read() ^ 0x55);
    }
    DrillResult result = drill(damaged, request(Optional.empty()));
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(results(result)).containsEntry("MAN-1", Verdict.FAIL).doesNotContainKey("BOOT-1");
    assertThat(result.level()).isEmpty();
    assertThat(kept).hasSize(1);
  }

  @Test
  void assertionsThatMissFailAndThoseThatMakeNoSenseAreErrors() throws Exception {
    DrillResult missed =
        drill(
            backup,
            request(Optional.empty(), check("APP-1", "select count(*) from orders", "> 20000")));
    assertThat(missed.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(missed.level()).contains(ProofLevel.L6);
    assertThat(missed.checks().getLast().detail()).isEqualTo("expected > 20000, found 20000");

    DrillResult absent =
        drill(
            backup,
            request(Optional.empty(), check("APP-1", "select count(*) from invoices", "> 0")));
    assertThat(absent.verdict()).isEqualTo(Verdict.FAIL);

    DrillResult senseless =
        drill(
            backup,
            request(
                Optional.empty(),
                check("APP-1", "selekt", "> 0"),
                check("APP-2", "select state from orders limit 1", "> 0"),
                check("APP-3", "delete from orders returning 1", "> 0")));
    assertThat(senseless.verdict()).isEqualTo(Verdict.ERROR);
    assertThat(results(senseless))
        .containsEntry("APP-1", Verdict.ERROR)
        .containsEntry("APP-2", Verdict.ERROR)
        .containsEntry("APP-3", Verdict.ERROR);
  }

  @Test
  void aDrillStopsAtTheLevelThatThePlanWants() throws Exception {
    DrillResult result =
        drill(backup, request(Optional.of(ProofLevel.L3), check("APP-1", "select 1", "= 1")));
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L3);
    assertThat(results(result))
        .containsOnlyKeys("OBJ-1", "KEY-1", "RST-1", "MAN-1", "PAG-1", "APP-1")
        .containsEntry("APP-1", Verdict.SKIPPED);
    assertThat(result.rpo()).isEmpty();
  }

  @Test
  void aMissingCanaryFailsAndOneThatWasNeverWrittenLeavesItsLevelUnproven() throws Exception {
    ClusterFacts other =
        facts.with(
            facts
                .canary()
                .map(row ->
                    new io.lifeboat.postgres.CanaryRow(
                        row.id(), "b2", row.database(), row.writtenAt(), row.lsn())));
    DrillResult missing =
        drill(
            new FolderSnapshot("b1", "postgres", other.toJson(), backup),
            request(Optional.empty()));
    assertThat(results(missing)).containsEntry("CAN-1", Verdict.FAIL);

    String none = facts.with(Optional.empty()).toJson();
    DrillResult wanted =
        drill(
            new FolderSnapshot("b1", "postgres", none, backup),
            request(Optional.of(ProofLevel.L6)));
    assertThat(wanted.verdict()).isEqualTo(Verdict.SKIPPED);
    assertThat(wanted.level()).contains(ProofLevel.L5);
    DrillResult unwanted =
        drill(new FolderSnapshot("b1", "postgres", none, backup), request(Optional.empty()));
    assertThat(unwanted.verdict()).isEqualTo(Verdict.PASS);
    assertThat(unwanted.level()).contains(ProofLevel.L5);
  }

  @Test
  void withoutProgramsOrEngineTheDrillIsAnErrorAndNeverAFailure() throws Exception {
    DrillRequest sound = request(Optional.empty());
    var request =
        new DrillRequest(
            sound.drill(),
            sound.requestedAt(),
            sound.actor(),
            sound.plan(),
            sound.planDigest(),
            sound.scratch(),
            Optional.empty(),
            Optional.of(work),
            sound.level(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    DrillResult result = drill(backup, request);
    assertThat(result.verdict()).isEqualTo(Verdict.ERROR);
    assertThat(results(result)).containsOnlyKeys("SCR-1");
    assertThat(kept).hasSize(1);
  }

  @Test
  void aCancelledDrillLeavesNeitherScratchNorEvidence() throws Exception {
    var snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), backup);
    var cancelling =
        new Progress() {
          private String phase = "";

          @Override
          public void phase(String name) {
            phase = name;
          }

          @Override
          public void expect(long bytes) {}

          @Override
          public void advance(long bytes, long items) {}

          @Override
          public void event(String sentence) {}

          @Override
          public void checkCancelled() {
            if (phase.equals("boot")) {
              throw new PermanentException(ErrorCode.CANCELLED, "Cancelled", "Start it again.");
            }
          }
        };
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      var engine = new DrillEngine(scratches, Clock.systemUTC());
      assertThatThrownBy(() ->
              engine.run(
                  request(Optional.empty()),
                  snapshot.root().info(),
                  () -> snapshot,
                  KEY,
                  noStore(),
                  cancelling))
          .isInstanceOfSatisfying(
              LifeboatException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void filesAreReadAgainFromTheDiskAndNoFilesProveNothing() throws Exception {
    Path tree = Files.createDirectory(work.resolve("tree"));
    Files.writeString(tree.resolve("one"), "1");
    Files.createDirectory(tree.resolve("folder"));
    Files.writeString(tree.resolve("folder/two"), "22");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("folder/two"));
    DrillResult result =
        drill(new FolderSnapshot("b2", "files", "{}", tree), request(Optional.empty()));
    assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
    assertThat(result.level()).contains(ProofLevel.L6);
    assertThat(results(result)).containsOnlyKeys("OBJ-1", "KEY-1", "RST-1", "FIL-1");

    Path empty = Files.createDirectory(work.resolve("empty"));
    DrillResult nothing =
        drill(new FolderSnapshot("b3", "files", "{}", empty), request(Optional.empty()));
    assertThat(nothing.verdict()).isEqualTo(Verdict.SKIPPED);
  }

  private static EvidenceStore noStore() {
    return (drill, record) -> {
      throw new AssertionError("no evidence was expected");
    };
  }

  private static Map<String, Verdict> results(DrillResult result) {
    return result.checks().stream().collect(Collectors.toMap(CheckResult::id, CheckResult::result));
  }

  private Path copyOfBackup() throws IOException {
    Path copy = work.resolve("damaged");
    Files.walkFileTree(
        backup,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(copy.resolve(backup.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                copy.resolve(backup.relativize(file).toString()),
                StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
    return copy;
  }

  private List<Path> leftovers() {
    return Stream.of("scratch", "ledger")
        .map(work::resolve)
        .filter(Files::exists)
        .flatMap(folder -> {
          try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        })
        .toList();
  }
}
