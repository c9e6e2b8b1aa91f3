package io.lifeboat.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.scratch.ScratchFactory;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.EvidenceLink;
import io.lifeboat.restore.FolderTarget;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@Tag("docker")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DockerDrillTest {
  private static final String IMAGE = "lifeboat/postgres:15";
  private static final SigningKey KEY = SigningKey.generate(new SecureRandom());

  @TempDir static Path sourceFolder;
  private static Path backup;
  private static ClusterFacts facts;
  private static String indexFile;

  @TempDir Path work;

  @BeforeAll
  static void backUp() throws Exception {
    backup = Files.createDirectory(sourceFolder.resolve("backup"));
    PostgresPrograms programs = PostgresPrograms.find(15, Optional.empty(), "");
    try (var source = SourceCluster.start(programs, sourceFolder.resolve("source"))) {
      source.sql(
          "create table public.orders(id int primary key, state text)",
          "insert into public.orders select i, 'paid' from generate_series(1, 20000) i",
          "checkpoint");
      indexFile = source.ask("select pg_relation_filepath('public.orders_pkey')");
      facts = source.backUp("b1", backup);
    }
  }

  private DrillResult drill(ScratchFactory scratches, String id, Optional<String> image)
      throws Exception {
    var request =
        new DrillRequest(
            id,
            Clock.systemUTC().instant(),
            "test",
            "shop-nightly",
            "0".repeat(64),
            Optional.of(ScratchKind.docker),
            image,
            Optional.empty(),
            Optional.empty(),
            List.of(
                new PlanConfig.Check(
                    "APP-1",
                    "select count(*) from orders",
                    "= 20000",
                    "orders are missing",
                    Optional.empty())),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    EvidenceStore store =
        (drill, record) -> {
          byte[] signed = record.apply(new EvidenceLink("7f3a", 1, EvidenceLink.NO_PREVIOUS));
          evidence = new String(signed, StandardCharsets.UTF_8);
          return "e/" + drill.drill();
        };
    var snapshot = new FolderSnapshot("b1", "postgres", facts.toJson(), backup);
    return new DrillEngine(scratches, Clock.systemUTC())
        .run(request, snapshot.root().info(), () -> snapshot, KEY, store, Progress.none());
  }

  private volatile String evidence = "";

  @Test
  @Order(1)
  void twoDrillsAtOnceProveASoundBackupToTheTop() throws Exception {
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<DrillResult> one = () -> drill(scratches, "dr-1", Optional.of(IMAGE));
      Callable<DrillResult> two = () -> drill(scratches, "dr-2", Optional.of(IMAGE));
      for (Future<DrillResult> future : threads.invokeAll(List.of(one, two))) {
        DrillResult result = future.get();
        assertThat(result.verdict()).as("%s", result.checks()).isEqualTo(Verdict.PASS);
        assertThat(result.level()).contains(ProofLevel.L7);
        assertThat(results(result))
            .containsEntry("MAN-1", Verdict.PASS)
            .containsEntry("STR-1", Verdict.PASS)
            .containsEntry("STR-2", Verdict.PASS)
            .containsEntry("CAN-1", Verdict.PASS);
      }
      assertThat(scratches.count()).isZero();
    }
    assertThat(evidence)
        .contains("\"network\":\"none\"")
        .contains("\"image\":\"" + IMAGE + "@sha256:")
        .contains("\"scratch\":\"docker\"");
  }

  @Test
  @Order(2)
  void anImageThatCannotBeHadIsAnError() throws Exception {
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      DrillResult result = drill(scratches, "dr-3", Optional.of("127.0.0.1:1/absent:1"));
      assertThat(result.verdict()).isEqualTo(Verdict.ERROR);
      assertThat(results(result)).containsOnlyKeys("SCR-1");
      assertThat(result.checks().getFirst().detail()).startsWith("SCRATCH_UNAVAILABLE: The image");
    }
  }

  @Test
  @Order(3)
  void aDamagedIndexIsFoundByTheManifest() throws Exception {
    try (var file =
        new RandomAccessFile(backup.resolve("data").resolve(indexFile).toFile(), "rw")) {
      file.seek(8192 * 3 + 100);
      file.write(file.read() ^ 0x55);
    }
    try (var scratches = new ScratchFactory(work, FolderTarget::new, Clock.systemUTC())) {
      DrillResult result = drill(scratches, "dr-4", Optional.of(IMAGE));
      assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
      assertThat(results(result)).containsEntry("MAN-1", Verdict.FAIL);
      assertThat(result.checks())
          .filteredOn(check -> check.id().equals("MAN-1"))
          .singleElement()
          .satisfies(check -> assertThat(check.detail()).contains(indexFile));
      assertThat(results(result)).containsEntry("APP-1", Verdict.SKIPPED);
    }
  }

  private static Map<String, Verdict> results(DrillResult result) {
    return result.checks().stream().collect(Collectors.toMap(CheckResult::id, CheckResult::result));
  }
}
