package io.lifeboat.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.lifeboat.app.ServiceDatabase;
import io.lifeboat.backup.BackupResult;
import io.lifeboat.config.ConfigurationFile;
import io.lifeboat.config.Settings;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.operation.FakeEngines;
import io.lifeboat.operation.Operation;
import io.lifeboat.operation.OperationIds;
import io.lifeboat.operation.OperationService;
import io.lifeboat.operation.OperationState;
import io.lifeboat.operation.OperationStore;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.PlanRuns;
import io.lifeboat.operation.RepositoryRuns;
import io.lifeboat.operation.RestoreTargets;
import io.lifeboat.operation.ResultFormat;
import io.lifeboat.operation.Runs;
import io.lifeboat.operation.SkippedRuns;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.restore.RestoreResult;
import io.lifeboat.retention.PruneResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.JobKey;

/** The clock stands where a test puts it, so that nothing depends on how long a start takes. */
@Timeout(30)
class PlanSchedulerTest {
  private static final Instant JUST_BEFORE_TWO = Instant.parse("2026-03-01T01:59:59.700Z");

  @TempDir Path folder;

  private final FakeEngines engines = new FakeEngines();
  private final BlockingQueue<Operation> ended = new LinkedBlockingQueue<>();
  private Optional<Service> service = Optional.empty();

  private record Service(
      ServiceDatabase database,
      OperationStore store,
      OperationService operations,
      SkippedRuns skipped,
      PlanScheduler scheduler) {}

  @AfterEach
  void stop() {
    service.ifPresent(it -> {
      it.scheduler().close();
      it.operations().close();
      it.database().close();
    });
    service = Optional.empty();
  }

  @Test
  void aPlanRunsWhenItIsDueAndIsSetToRunAgain() throws Exception {
    start(settings("0 2 * * *", "RUN_ONCE"), JUST_BEFORE_TWO);

    assertThat(engines.begun.take()).isEqualTo("backup books-plan");
    engines.mayEnd.release();
    var operation = ended.take();
    assertThat(operation.order().trigger()).isEqualTo(Operation.Trigger.SCHEDULE);
    assertThat(operation.state()).isEqualTo(OperationState.SUCCEEDED);
    assertThat(triggers())
        .contains("books-plan/BACKUP@" + Instant.parse("2026-03-02T02:00:00Z").toEpochMilli());
  }

  @Test
  void runsMissedWhileTheServiceWasDownAreMadeUpForByOne() throws Exception {
    start(settings("0 2 * * *", "RUN_ONCE"), JUST_BEFORE_TWO.minus(Duration.ofHours(1)));
    stop();
    start(settings("0 2 * * *", "RUN_ONCE"), Instant.parse("2026-03-05T12:00:00Z"));

    assertThat(engines.begun.take()).isEqualTo("backup books-plan");
    engines.mayEnd.release();
    ended.take();
    assertThat(nextBackups()).containsExactly(Instant.parse("2026-03-06T02:00:00Z"));
    assertThat(operations()).hasSize(1);
  }

  @Test
  void aMissedRunThatIsToBeSkippedLeavesItsReason() throws Exception {
    start(settings("0 2 * * *", "SKIP"), JUST_BEFORE_TWO.minus(Duration.ofHours(1)));
    stop();
    start(settings("0 2 * * *", "SKIP"), JUST_BEFORE_TWO.plus(Duration.ofDays(4)));

    // Four days later at two the next regular run follows at once, and comes after the decision
    // about the missed one.
    assertThat(engines.begun.take()).isEqualTo("backup books-plan");
    engines.mayEnd.release();
    ended.take();
    assertThat(operations()).hasSize(1);
    var skip =
        service.orElseThrow().skipped().last("books-plan", OperationType.BACKUP).orElseThrow();
    assertThat(skip.due()).isEqualTo(Instant.parse("2026-03-01T02:00:00Z"));
    assertThat(skip.reason()).contains("SKIP");
  }

  @Test
  void aRunThatIsDueWhileTheSameStillRunsIsSkippedAndSaysSoThere() throws Exception {
    start(settings("0 2 * * *", "RUN_ONCE"), JUST_BEFORE_TWO);
    engines.begun.take();
    var running = operations().getFirst();
    var schedule = service.orElseThrow().scheduler();

    schedule.fire(new JobKey("books-plan/BACKUP", "plans"), Instant.parse("2026-03-02T02:00:00Z"));

    assertThat(operations()).hasSize(1);
    assertThat(service.orElseThrow().operations().events(running.id(), 0, 10))
        .extracting(Operation.Event::sentence)
        .contains(
            "The scheduled run of 2026-03-02T02:00:00Z was skipped, because this one was not done"
                + " yet");
    engines.mayEnd.release();
    ended.take();
  }

  @Test
  void aChangedExpressionIsComputedAnew() throws Exception {
    start(settings("0 2 * * *", "RUN_ONCE"), JUST_BEFORE_TWO.minus(Duration.ofHours(1)));
    stop();
    start(settings("0 5 * * *", "RUN_ONCE"), JUST_BEFORE_TWO.plus(Duration.ofHours(1)));

    assertThat(triggers())
        .containsExactly(
            "books-plan/BACKUP@" + Instant.parse("2026-03-01T05:00:00Z").toEpochMilli());
    assertThat(operations()).isEmpty();
  }

  @Test
  void aPlanThatLeftTheConfigurationLeavesTheSchedule() throws Exception {
    start(settings("0 2 * * *", "RUN_ONCE"), JUST_BEFORE_TWO.minus(Duration.ofHours(1)));
    assertThat(triggers()).hasSize(1);
    stop();
    start(withoutPlans(), JUST_BEFORE_TWO);
    assertThat(triggers()).isEmpty();
    assertThat(nextBackups()).isEmpty();
  }

  @Test
  void aRepositoryIsPrunedAndVerifiedWhenItIsDue() throws Exception {
    start(
        repository(
            "prune: { schedule: { cron: \"0 2 * * *\" } },"
                + " verify: { level: L2, window: P30D, schedule: { cron: \"0 2 * * 0\" } }"),
        JUST_BEFORE_TWO);

    assertThat(runsOnce()).isIn("prune local", "verify local L2 Window[length=PT720H]");
    assertThat(runsOnce()).isIn("prune local", "verify local L2 Window[length=PT720H]");
    assertThat(operations())
        .extracting(it -> it.order().type() + " " + it.order().repository().orElseThrow())
        .containsExactlyInAnyOrder("PRUNE local", "VERIFY local");
    assertThat(operations())
        .allSatisfy(it -> assertThat(it.order().trigger()).isEqualTo(Operation.Trigger.SCHEDULE));
    assertThat(triggers())
        .containsExactlyInAnyOrder(
            "local/PRUNE@" + Instant.parse("2026-03-02T02:00:00Z").toEpochMilli(),
            "local/VERIFY@" + Instant.parse("2026-03-08T02:00:00Z").toEpochMilli());
  }

  @Test
  void aPruneThatIsDueWhileOneStillRunsIsSkippedAndSaysSo() throws Exception {
    start(repository("prune: { schedule: { cron: \"0 2 * * *\" } }"), JUST_BEFORE_TWO);
    engines.begun.take();
    var due = Instant.parse("2026-03-02T02:00:00Z");

    service.orElseThrow().scheduler().fire(new JobKey("local/PRUNE", "plans"), due);

    assertThat(operations()).hasSize(1);
    var skip = service.orElseThrow().skipped().last("local", OperationType.PRUNE).orElseThrow();
    assertThat(skip.due()).isEqualTo(due);
    engines.mayEnd.release();
    ended.take();
  }

  private String runsOnce() throws InterruptedException {
    String begun = engines.begun.take();
    engines.mayEnd.release();
    assertThat(ended.take().state()).isEqualTo(OperationState.SUCCEEDED);
    return begun;
  }

  private Settings repository(String keys) throws IOException {
    return read(
        "repositories: { local: { store: { type: folder, path: repository }, " + keys + " } }");
  }

  private Settings settings(String cron, String misfire) throws IOException {
    return read(
        """
        repositories: { local: { store: { type: folder, path: repository } } }
        sources: { books: { type: files, paths: [books] } }
        plans:
          books-plan:
            source: books
            repository: local
            schedule: { cron: "%s", misfire: %s }
        """
            .formatted(cron, misfire));
  }

  private Settings withoutPlans() throws IOException {
    return read("plans: {}");
  }

  private Settings read(String text) throws IOException {
    var file = Files.writeString(folder.resolve("config.yml"), text);
    return ConfigurationFile.read(file, Map.of()).settings();
  }

  private void start(Settings settings, Instant shownNow) {
    var clock = Clock.fixed(shownNow, ZoneOffset.UTC);
    var database = ServiceDatabase.open(settings.database());
    var store = new OperationStore(database.jdbi());
    var ids = new OperationIds(clock, new SecureRandom());
    var operations =
        new OperationService(
            store, ids, clock, new OperationService.Limits(2, Duration.ofSeconds(5)));
    operations.recover(List.of());
    operations.onEnd(ended::add);
    var format = new Plain();
    var runs =
        new Runs(
            new PlanRuns(
                settings,
                engines,
                operations,
                new RestoreTargets(List.of()),
                format,
                (plan, progress) -> {}),
            new RepositoryRuns(settings, engines, operations, format));
    var skipped = new SkippedRuns(database.jdbi());
    var scheduler = PlanScheduler.of(settings, database.dataSource(), runs, skipped, clock);
    service = Optional.of(new Service(database, store, operations, skipped, scheduler));
    scheduler.start();
  }

  private List<Instant> nextBackups() {
    return service.orElseThrow().scheduler().next("books-plan", OperationType.BACKUP, 1);
  }

  private List<Operation> operations() {
    return service.orElseThrow().store().list(OperationStore.Filter.all(), Optional.empty(), 10);
  }

  private List<String> triggers() {
    return service
        .orElseThrow()
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select trigger_name from qrtz_triggers")
                .mapTo(String.class)
                .list());
  }

  private static final class Plain implements ResultFormat {
    @Override
    public String backup(String operation, BackupResult result) {
      return "{}";
    }

    @Override
    public String restore(String operation, RestoreResult result) {
      return "{}";
    }

    @Override
    public String object(String operation, ObjectResult result) {
      return "{}";
    }

    @Override
    public String drill(String operation, DrillResult result) {
      return "{}";
    }

    @Override
    public String controls(String operation, ControlReport report) {
      return "{}";
    }

    @Override
    public String prune(String operation, PruneResult result) {
      return "{}";
    }

    @Override
    public List<String> sentences(PruneResult result) {
      return List.of();
    }

    @Override
    public String verify(String operation, VerifyReport report) {
      return "{}";
    }
  }
}
