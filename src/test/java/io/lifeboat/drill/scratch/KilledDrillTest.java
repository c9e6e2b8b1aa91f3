package io.lifeboat.drill.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.config.PlanConfig.ScratchKind;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.SourceCluster;
import io.lifeboat.restore.FolderTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a drill whose process was killed, and what becomes of it. */
@Tag("slow")
class KilledDrillTest {
  @TempDir static Path sourceFolder;
  private static Path backup;
  private static Path factsFile;

  @TempDir Path work;

  @BeforeAll
  static void backUp() throws Exception {
    backup = Files.createDirectory(sourceFolder.resolve("backup"));
    factsFile = sourceFolder.resolve("facts.json");
    try (var source = SourceCluster.start(sourceFolder.resolve("source"))) {
      source.sql("create table public.orders as select generate_series(1, 100) as id");
      ClusterFacts facts = source.backUp("b1", backup);
      Files.writeString(factsFile, facts.toJson());
    }
  }

  @BeforeEach
  void openTheWorkFolder() throws Exception {
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private Process child(String until) throws Exception {
    return DrillChild.start(
        until,
        work.toString(),
        backup.toString(),
        factsFile.toString(),
        ScratchKind.process.name(),
        SourceCluster.programs().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"allocated", "restored", "booted"})
  void theJanitorLeavesNothingOfAKilledProcess(String moment) throws Exception {
    kill(child(moment));
    assertThat(entriesOf("ledger")).hasSize(1);
    boolean served = moment.equals("booted");
    assertThat(serversIn(work)).as("its server outlived it").isEqualTo(served);
    Optional<String> segment = sharedMemoryOfServer();
    assertThat(segment.isPresent()).isEqualTo(served);

    try (ScratchFactory next = factory()) {
      assertThat(next.janitor().sweep().removed()).singleElement().asString().contains("child");
      assertThat(next.count()).isZero();
      assertThat(next.janitor().sweep().removed()).isEmpty();
    }
    assertThat(entriesOf("scratch")).isEmpty();
    assertThat(entriesOf("ledger")).isEmpty();
    assertThat(serversIn(work)).isFalse();
    assertThat(segment.map(KilledDrillTest::sharedMemoryExists)).isNotEqualTo(Optional.of(true));
  }

  @Test
  void aProcessThatIsToldToEndTakesItsScratchWithIt() throws Exception {
    Process child = child("booted");
    child.destroy();
    child.waitFor();
    assertThat(entriesOf("scratch")).isEmpty();
    assertThat(entriesOf("ledger")).isEmpty();
    assertThat(serversIn(work)).isFalse();
  }

  @Test
  void aLivingNeighboursScratchIsNotTouched() throws Exception {
    Process neighbour = child("booted");
    try (ScratchFactory ours = factory()) {
      assertThat(ours.janitor().sweep().removed()).isEmpty();
      assertThat(neighbour.isAlive()).isTrue();
      assertThat(serversIn(work)).isTrue();
      assertThat(entriesOf("scratch")).hasSize(2); // the folder and its socket's
    } finally {
      kill(neighbour);
    }
    try (ScratchFactory ours = factory()) {
      ours.janitor().sweep();
    }
    assertThat(serversIn(work)).isFalse();
    assertThat(entriesOf("ledger")).isEmpty();
  }

  @Test
  void aServerThatIsNotInTheLedgerIsNotTouched() throws Exception {
    try (var foreign = SourceCluster.start(Files.createDirectory(work.resolve("foreign")));
        ScratchFactory factory = factory()) {
      assertThat(factory.janitor().sweep().removed()).isEmpty();
      assertThat(foreign.ask("select 1")).isEqualTo("1");
    }
  }

  private ScratchFactory factory() {
    return new ScratchFactory(work, FolderTarget::new, Clock.systemUTC());
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  private List<Path> entriesOf(String name) throws IOException {
    Path folder = work.resolve(name);
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  /** Whether a server works somewhere in this folder. */
  private static boolean serversIn(Path folder) {
    return ProcessHandle.allProcesses()
        .map(process -> Path.of("/proc", Long.toString(process.pid()), "cwd"))
        .anyMatch(link -> {
          try {
            return Files.readSymbolicLink(link).startsWith(folder);
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** The System V segment that the child's server holds, by its id. */
  private Optional<String> sharedMemoryOfServer() throws IOException {
    for (Path scratch : entriesOf("scratch")) {
      Path file = scratch.resolve("tree/data/postmaster.pid");
      if (Files.exists(file)) {
        return Optional.of(Files.readAllLines(file).get(6).strip().split("\\s+", -1)[1]);
      }
    }
    return Optional.empty();
  }

  private static boolean sharedMemoryExists(String id) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/sysvipc/shm"))) {
      return lines.anyMatch(line -> line.strip().split("\\s+", -1)[1].equals(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
