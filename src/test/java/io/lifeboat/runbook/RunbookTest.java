package io.lifeboat.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What the runbooks say works, and what they verify is not taken for granted. */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RunbookTest {
  private static final Path RUNBOOKS = Path.of("runbooks");

  private static RunbookWorld world;

  @BeforeAll
  static void makeWorld() throws Exception {
    world = new RunbookWorld();
  }

  @AfterAll
  static void endWorld() throws Exception {
    world.close();
  }

  @Test
  @Order(1)
  void aServerComesBackFromBucketAndKitAloneByTheStepsOfTheRunbook() throws Exception {
    Path machine = world.blankMachine("blank");
    assertThat(firstFailure("restore-postgres.md", machine, world.restoreSettings(machine)))
        .isEmpty();
    assertThat(machine.resolve("postgresql")).as("nothing is left behind").isEmptyDirectory();
  }

  @Test
  @Order(1)
  void aBackupIsProvenByTheStepsOfTheRunbook() throws Exception {
    Path place = Files.createDirectory(world.folder().resolve("drill"));
    assertThat(firstFailure("drill.md", place, world.drillSettings(place))).isEmpty();
    assertThat(place.resolve("evidence.txt")).as("nothing is left behind").doesNotExist();
  }

  @Test
  @Order(1)
  void oneDamagedByteMakesTheVerificationFail() throws Exception {
    Path machine = world.blankMachine("damaged");
    RunbookWorld.damageOneByte(machine.resolve("bucket"));
    assertThat(firstFailure("restore-postgres.md", machine, world.restoreSettings(machine)))
        .hasValueSatisfying(failure -> {
          assertThat(failure.step()).isEqualTo("verify");
          assertThat(failure.why()).contains("FAIL L2", "p/d/");
        });
  }

  @Test
  @Order(1)
  void theKitOfAnotherRepositoryIsNoticedInTheFirstStep() throws Exception {
    Path machine = world.blankMachine("wrong-kit");
    Map<String, String> settings = world.restoreSettings(machine);
    settings.put("IDENTITY", world.otherKit().toString());
    assertThat(firstFailure("restore-postgres.md", machine, settings))
        .hasValueSatisfying(failure -> {
          assertThat(failure.step()).isEqualTo("snapshots");
          assertThat(failure.why()).contains("KEY_MISMATCH");
        });
  }

  /** Last: it takes a table away from the world. */
  @Test
  @Order(2)
  void aTableThatWasMissingAtTheSourceIsMissedByBothRunbooks() throws Exception {
    world.dropOrders();
    world.backup();
    Path machine = world.blankMachine("incomplete");
    Map<String, String> settings = world.restoreSettings(machine);
    settings.put("POINT", "--immediate");
    assertThat(firstFailure("restore-postgres.md", machine, settings))
        .hasValueSatisfying(failure -> {
          assertThat(failure.step()).isEqualTo("data");
          assertThat(failure.why()).contains("orders");
        });
    assertThat(machine.resolve("postgresql")).as("the way back leads back").isEmptyDirectory();

    Path place = Files.createDirectory(world.folder().resolve("drill-incomplete"));
    assertThat(firstFailure("drill.md", place, world.drillSettings(place)))
        .hasValueSatisfying(failure -> {
          assertThat(failure.step()).isEqualTo("drill");
          assertThat(failure.why()).contains("APP-1");
        });
  }

  @Test
  @Order(1)
  void errorsAndRunbooksNameEachOther() throws Exception {
    var known = Pattern.compile("`([A-Z]+_[A-Z_]+)`");
    for (String name : List.of("restore-postgres.md", "drill.md")) {
      String row =
          Runbook.read(RUNBOOKS.resolve(name))
              .text()
              .lines()
              .filter(line -> line.startsWith("| errors that lead here"))
              .findFirst()
              .orElseThrow();
      List<String> leading =
          Arrays.stream(ErrorCode.values())
              .filter(code -> code.runbook().equals("runbooks/" + name))
              .map(Enum::name)
              .toList();
      assertThat(known.matcher(row).results().map((MatchResult found) -> found.group(1)))
          .as(name)
          .containsExactlyInAnyOrderElementsOf(leading);
    }
  }

  private record Failure(String step, String why) {}

  /** Takes all steps up to the first that fails; after a failure only the one that leads back. */
  private static Optional<Failure> firstFailure(
      String name, Path machine, Map<String, String> settings) throws Exception {
    Optional<Failure> failure = Optional.empty();
    Runbook runbook = Runbook.read(RUNBOOKS.resolve(name));
    assertThat(runbook.steps()).hasSizeGreaterThan(5);
    Path notes = Files.createDirectory(machine.resolve("notes"));
    boolean started = false;
    try (var shell = new Shell(notes, settings)) {
      for (Runbook.Step step : runbook.steps()) {
        boolean leadsBack = step.id().equals("back") && started;
        if (failure.isEmpty() || leadsBack) {
          started |= step.id().equals("start");
          Optional<String> wrong = shell.take(step);
          if (failure.isEmpty()) {
            failure = wrong.map(why -> new Failure(step.id(), why));
          }
        }
      }
    }
    return failure;
  }
}
