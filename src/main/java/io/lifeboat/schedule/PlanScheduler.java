package io.lifeboat.schedule;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.OperationType;
import io.lifeboat.operation.Runs;
import io.lifeboat.operation.SkippedRuns;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.quartz.JobBuilder;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts plans' backups and drills, and repositories' prunes and verifications, when they are due.
 * Each schedule has one durable job and at most one trigger, which fires once; the job sets the
 * next one before it starts anything. Thread-safe.
 *
 * <p>At a start, schedules that left the configuration lose their job, changed ones are computed
 * anew, and those that came due in the meantime fire at once: {@link DueRun} decides what becomes
 * of a late one.
 */
public final class PlanScheduler implements AutoCloseable {
  static final String DUE_MS = "dueMs";
  static final String RULE = "rule";

  private static final Logger LOG = LoggerFactory.getLogger(PlanScheduler.class);
  private static final String GROUP = "plans";
  private static final String DATA_SOURCE = "lifeboat";

  private final Clock clock;
  private final Map<JobKey, Planned> planned;
  private final Scheduler quartz;
  private final DueRun dueRun;

  /**
   * One schedule.
   *
   * @param plan whose it is; where the type is about a repository, that
   * @param rule what it is computed from: another text means another schedule
   */
  record Planned(
      String plan, OperationType type, FireTimes times, PlanConfig.Misfire misfire, String rule) {}

  private PlanScheduler(
      Map<JobKey, Planned> planned, Scheduler quartz, DueRun dueRun, Clock clock) {
    this.planned = planned;
    this.quartz = quartz;
    this.dueRun = dueRun;
    this.clock = clock;
  }

  /**
   * Prepares the schedules of a configuration; nothing fires before {@link #start}.
   *
   * @param dataSource of the service's database, with Quartz's tables in it
   */
  public static PlanScheduler of(
      Settings settings, DataSource dataSource, Runs runs, SkippedRuns skipped, Clock clock) {
    try {
      DBConnectionManager.getInstance()
          .addConnectionProvider(DATA_SOURCE, new PooledConnections(dataSource));
      var factory = new StdSchedulerFactory(quartzSettings());
      var planned = planned(settings);
      return new PlanScheduler(
          planned, factory.getScheduler(), new DueRun(runs, skipped, clock), clock);
    } catch (SchedulerException e) {
      throw unusable(e);
    }
  }

  private static Properties quartzSettings() {
    var settings = new Properties();
    settings.setProperty("org.quartz.scheduler.instanceName", "lifeboat");
    settings.setProperty("org.quartz.scheduler.instanceId", "single");
    settings.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
    settings.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
    settings.setProperty("org.quartz.threadPool.threadCount", "2");
    settings.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
    settings.setProperty("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
    settings.setProperty(
        "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.StdJDBCDelegate");
    settings.setProperty("org.quartz.jobStore.dataSource", DATA_SOURCE);
    settings.setProperty("org.quartz.jobStore.tablePrefix", "QRTZ_");
    settings.setProperty("org.quartz.jobStore.useProperties", "true");
    settings.setProperty("org.quartz.jobStore.isClustered", "false");
    return settings;
  }

  private static Map<JobKey, Planned> planned(Settings settings) {
    var planned = new HashMap<JobKey, Planned>();
    settings
        .plans()
        .forEach((name, plan) -> {
          plan.schedule().ifPresent(it -> add(planned, name, OperationType.BACKUP, it));
          plan.drill()
              .flatMap(PlanConfig.Drill::schedule)
              .ifPresent(it -> add(planned, name, OperationType.DRILL, it));
          plan.drill()
              .flatMap(PlanConfig.Drill::controls)
              .ifPresent(it -> add(planned, name, OperationType.CONTROLS, it));
        });
    settings
        .repositories()
        .forEach((name, repository) -> {
          repository
              .prune()
              .flatMap(Settings.Prune::schedule)
              .ifPresent(it -> add(planned, name, OperationType.PRUNE, it));
          repository
              .verify()
              .flatMap(Settings.Verify::schedule)
              .ifPresent(it -> add(planned, name, OperationType.VERIFY, it));
        });
    return Map.copyOf(planned);
  }

  private static void add(
      Map<JobKey, Planned> planned, String plan, OperationType type, PlanConfig.Schedule schedule) {
    var times = FireTimes.of(plan, type, schedule);
    planned.put(
        key(plan, type),
        new Planned(
            plan,
            type,
            times,
            schedule.misfire().orElse(PlanConfig.Misfire.RUN_ONCE),
            times.cron() + " " + times.zone() + " " + times.delay()));
  }

  private static JobKey key(String plan, OperationType type) {
    return new JobKey(plan + "/" + type, GROUP);
  }

  /**
   * Brings the stored schedules in line with the configuration, and lets them fire from now on.
   *
   * @throws PermanentException with code {@code SERVICE_DATABASE_UNAVAILABLE}
   */
  public void start() {
    try {
      quartz.setJobFactory((bundle, scheduler) -> new PlanJob(this));
      for (JobKey stored : quartz.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
        if (!planned.containsKey(stored)) {
          quartz.deleteJob(stored);
          LOG.info("event=schedule-removed schedule={}", stored.getName());
        }
      }
      for (var entry : planned.entrySet()) {
        bringInLine(entry.getKey(), entry.getValue());
      }
      quartz.start();
    } catch (SchedulerException e) {
      throw unusable(e);
    }
  }

  private void bringInLine(JobKey key, Planned schedule) throws SchedulerException {
    var job =
        JobBuilder.newJob(PlanJob.class).withIdentity(key).storeDurably().requestRecovery().build();
    quartz.addJob(job, true);
    Optional<Instant> kept = Optional.empty();
    for (Trigger trigger : quartz.getTriggersOfJob(key)) {
      var data = trigger.getJobDataMap();
      if (schedule.rule().equals(data.getString(RULE))) {
        kept = Optional.of(Instant.ofEpochMilli(Long.parseLong(data.getString(DUE_MS))));
      }
      quartz.unscheduleJob(trigger.getKey());
    }
    Optional<Instant> due = kept.or(() -> schedule.times().next(clock.instant()));
    if (due.isPresent()) {
      schedule(key, schedule, due.get());
    }
  }

  /**
   * Called by Quartz: sets the next time first, so that nothing that goes wrong below ends the
   * schedule.
   */
  void fire(JobKey key, Instant due) throws SchedulerException {
    Planned schedule = planned.get(key);
    if (schedule == null) {
      return;
    }
    Instant now = clock.instant();
    Optional<Instant> next = schedule.times().next(now.isAfter(due) ? now : due);
    if (next.isPresent()) {
      schedule(key, schedule, next.get());
    }
    dueRun.fire(schedule, due);
  }

  private void schedule(JobKey key, Planned schedule, Instant due) throws SchedulerException {
    // Quartz lives by the machine's clock: it is told how long to wait by ours.
    long waitMs = Math.max(0, Duration.between(clock.instant(), due).toMillis());
    Trigger trigger =
        TriggerBuilder.newTrigger()
            .withIdentity(new TriggerKey(key.getName() + "@" + due.toEpochMilli(), GROUP))
            .forJob(key)
            .usingJobData(DUE_MS, Long.toString(due.toEpochMilli()))
            .usingJobData(RULE, schedule.rule())
            .startAt(Date.from(Clock.systemUTC().instant().plusMillis(waitMs)))
            .withSchedule(
                SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
            .build();
    quartz.scheduleJob(trigger);
    LOG.info("event=schedule-next schedule={} due={}", key.getName(), due);
  }

  /** When a plan's or repository's run of a type comes due next; empty without a schedule. */
  public List<Instant> next(String plan, OperationType type, int count) {
    return Optional.ofNullable(planned.get(key(plan, type)))
        .map(schedule -> schedule.times().next(clock.instant(), count))
        .orElse(List.of());
  }

  /** Lets nothing fire any more; waits for what fires right now. */
  @Override
  public void close() {
    try {
      quartz.shutdown(true);
    } catch (SchedulerException e) {
      LOG.warn("event=schedule-stop-failed message={}", e.getMessage(), e);
    }
  }

  private static PermanentException unusable(SchedulerException e) {
    return new PermanentException(
        ErrorCode.SERVICE_DATABASE_UNAVAILABLE,
        "The schedules in the service's database cannot be used: " + e.getMessage(),
        "Check the database; its content may be moved away, backups are not in it.",
        e);
  }
}
