package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.PostgresPrograms;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.restore.FolderTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a drill in a container whose process was killed, and what becomes of it. */
@Tag("docker")
class KilledDockerDrillTest {
  @TempDir static Path sourceFolder;
  private static Path backup;
  private static Path factsFile;
  private static final DockerEngine ENGINE = new DockerConnection().engine();

  @TempDir Path work;

  @BeforeAll
  static void backUp() throws Exception {
    backup = Files.createDirectory(sourceFolder.resolve("backup"));
    factsFile = sourceFolder.resolve("facts.json");
    PostgresPrograms programs = PostgresPrograms.find(15, Optional.empty(), "");
    try (var source = SourceCluster.start(programs, sourceFolder.resolve("source"))) {
      source.sql("create table public.orders as select generate_series(1, 100) as id");
      ClusterFacts facts = source.backUp("b1", backup);
      Files.writeString(factsFile, facts.toJson());
    }
  }

  private Process child(String until) throws Exception {
    return DrillChild.start(
        until,
        work.toString(),
        backup.toString(),
        factsFile.toString(),
        ScratchKind.docker.name(),
        DockerScratchTest.IMAGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"allocated", "restored", "booted"})
  void theJanitorLeavesNoContainerOfAKilledProcess(String moment) throws Exception {
    List<String> before = oursIn(ENGINE.labelled());
    Process child = child(moment);
    List<String> theirs = new ArrayList<>(oursIn(ENGINE.labelled()));
    theirs.removeAll(before);
    assertThat(theirs).hasSize(1);
    child.destroyForcibly();
    child.waitFor();
    try (ScratchFactory next = factory()) {
      assertThat(next.janitor().sweep().removed()).isEqualTo(theirs);
      assertThat(next.count()).isZero();
    }
    assertThat(oursIn(ENGINE.labelled())).doesNotContainAnyElementsOf(theirs);
  }

  @Test
  void aProcessThatIsToldToEndTakesItsContainerWithIt() throws Exception {
    List<String> before = oursIn(ENGINE.labelled());
    Process child = child("booted");
    assertThat(oursIn(ENGINE.labelled())).hasSizeGreaterThan(before.size());
    child.destroy();
    child.waitFor();
    assertThat(oursIn(ENGINE.labelled())).noneMatch(name -> name.startsWith("lifeboat-child-"));
    assertThat(work.resolve("ledger")).isEmptyDirectory();
  }

  @Test
  void theContainersOfOthersAndOfLivingOwnersStay() throws Exception {
    String foreign = "lifeboat-foreign-" + UUID.randomUUID();
    String unknown = "lifeboat-unknown-" + UUID.randomUUID();
    Instant later = Clock.systemUTC().instant().plus(Duration.ofHours(1));
    Process neighbour = child("allocated");
    ENGINE.start(foreign, DockerScratchTest.IMAGE, Map.of("app", "shop"), Duration.ofMinutes(5));
    ENGINE.start(
        unknown,
        DockerScratchTest.IMAGE,
        Map.of(
            DockerEngine.LABEL,
            unknown,
            DockerEngine.OWNER_LABEL,
            "1-2-somebody-elsewhere",
            DockerEngine.EXPIRES_LABEL,
            later.toString()),
        Duration.ofMinutes(5));
    try (ScratchFactory ours = factory()) {
      List<String> before = oursIn(ENGINE.labelled());
      assertThat(ours.janitor().sweep().removed()).isEmpty();
      assertThat(oursIn(ENGINE.labelled())).isEqualTo(before);
      assertThat(ENGINE.run(foreign, List.of("echo", "alive")).out()).isEqualTo("alive\n");

      ENGINE.remove(foreign);
      assertThat(ENGINE.run(foreign, List.of("echo", "alive")).out())
          .as("without our label, not even by name")
          .isEqualTo("alive\n");
    } finally {
      neighbour.destroyForcibly();
      neighbour.waitFor();
      ENGINE.remove(unknown);
      new ProcessBuilder("docker", "rm", "--force", foreign).start().waitFor();
    }
    try (ScratchFactory ours = factory()) {
      assertThat(ours.janitor().sweep().removed()).singleElement().asString().contains("child");
    }
  }

  @Test
  void aContainerThatNobodyKnowsAnyMoreGoesWhenItsTimeIsOver() throws Exception {
    String expired = "lifeboat-expired-" + UUID.randomUUID();
    ENGINE.start(
        expired,
        DockerScratchTest.IMAGE,
        Map.of(
            DockerEngine.LABEL, expired,
            DockerEngine.OWNER_LABEL, "1-2-somebody-elsewhere",
            DockerEngine.EXPIRES_LABEL, "2026-01-01T00:00:00Z"),
        Duration.ofMinutes(5));
    try (ScratchFactory ours = factory()) {
      assertThat(ours.janitor().sweep().removed()).contains(expired);
    }
  }

  @Test
  void aContainerEndsByItselfEvenIfNobodyIsLeftToRemoveIt() throws Exception {
    String brief = "lifeboat-brief-" + UUID.randomUUID();
    ENGINE.start(
        brief,
        DockerScratchTest.IMAGE,
        Map.of(
            DockerEngine.LABEL, brief,
            DockerEngine.OWNER_LABEL, "",
            DockerEngine.EXPIRES_LABEL, ""),
        Duration.ofSeconds(1));
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (oursIn(ENGINE.labelled()).contains(brief)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static List<String> oursIn(List<DockerEngine.Labelled> containers) {
    return containers.stream().map(DockerEngine.Labelled::name).sorted().toList();
  }

  private ScratchFactory factory() {
    return new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
  }
}
