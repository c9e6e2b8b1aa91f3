package io.lifeboat.schedule;

import java.time.Instant;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.SchedulerException;

/** What Quartz calls when a schedule is due: hands over, and is done at once. */
@DisallowConcurrentExecution
final class PlanJob implements Job {
  private final PlanScheduler schedules;

  PlanJob(PlanScheduler schedules) {
    this.schedules = schedules;
  }

  @Override
  public void execute(JobExecutionContext context) throws JobExecutionException {
    String dueMs = context.getMergedJobDataMap().getString(PlanScheduler.DUE_MS);
    Instant due =
        dueMs == null
            ? context.getScheduledFireTime().toInstant()
            : Instant.ofEpochMilli(Long.parseLong(dueMs));
    try {
      schedules.fire(context.getJobDetail().getKey(), due);
    } catch (SchedulerException e) {
      throw new JobExecutionException(e);
    }
  }
}
