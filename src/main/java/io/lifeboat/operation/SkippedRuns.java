package io.lifeboat.operation;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Scheduled runs that did not happen, and why: a silent skip is how backups go missing.
 * Thread-safe.
 */
public final class SkippedRuns {
  private final Jdbi jdbi;

  /** Works on a database whose schema is there. */
  public SkippedRuns(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * One of them.
   *
   * @param plan the plan; where the type is about a repository, that
   * @param due when it should have run
   * @param at when it was decided that it does not
   * @param reason a sentence
   */
  public record SkippedRun(
      String plan, OperationType type, Instant due, Instant at, String reason) {}

  /** Records a skip; the same one twice is one. */
  public void record(SkippedRun run) {
    jdbi.useTransaction(handle -> {
      handle.execute(
          "delete from skipped_run where plan = ? and type = ? and due_at_ms = ?",
          run.plan(),
          run.type().name(),
          run.due().toEpochMilli());
      handle.execute(
          "insert into skipped_run values (?, ?, ?, ?, ?)",
          run.plan(),
          run.type().name(),
          run.due().toEpochMilli(),
          run.at().toEpochMilli(),
          run.reason());
    });
  }

  /** The last skip of a plan's or repository's runs of one type. */
  public Optional<SkippedRun> last(String plan, OperationType type) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select due_at_ms, at_ms, reason from skipped_run
                where plan = :plan and type = :type order by due_at_ms desc limit 1
                """)
            .bind("plan", plan)
            .bind("type", type.name())
            .map((row, context) ->
                new SkippedRun(
                    plan,
                    type,
                    Instant.ofEpochMilli(row.getLong(1)),
                    Instant.ofEpochMilli(row.getLong(2)),
                    row.getString(3)))
            .findOne());
  }

  /** How many of a plan's or repository's runs of one type were skipped so far. */
  public long count(String plan, OperationType type) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select count(*) from skipped_run where plan = :plan and type = :type")
            .bind("plan", plan)
            .bind("type", type.name())
            .mapTo(Long.class)
            .one());
  }
}
