package io.lifeboat.drill;

import io.lifeboat.config.Expectation;
import io.lifeboat.config.PlanConfig;
import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.SqlFault;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.error.LifeboatException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the plan itself asks of the restored database: each check is a query for one value, run
 * read-only and for a minute at most.
 */
final class PlanChecks {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int LONGEST_VALUE = 200;

  private final PostgresScratch scratch;
  private final String database;
  private final CheckLog checks;

  /**
   * Checks of one copy.
   *
   * @param database where to ask if a check does not say
   */
  PlanChecks(PostgresScratch scratch, String database, CheckLog checks) {
    this.scratch = scratch;
    this.database = database;
    this.checks = checks;
  }

  void run(PlanConfig.Check check) {
    Expectation expectation;
    try {
      expectation = Expectation.parse(check.expect());
    } catch (LifeboatException e) {
      add(check, Verdict.ERROR, String.valueOf(e.getMessage()));
      return;
    }
    String where = check.database().orElse(database);
    switch (scratch.query(where, check.sql(), Access.PLANNED, LIMIT)) {
      case SqlOutcome.Refused refused -> refused(check, refused);
      case SqlOutcome.Rows rows -> answered(check, expectation, rows.rows());
    }
  }

  private void answered(
      PlanConfig.Check check, Expectation expectation, List<List<Optional<String>>> rows) {
    if (rows.size() > 1 || !rows.isEmpty() && rows.getFirst().size() != 1) {
      add(check, Verdict.ERROR, "the query answers more than one value");
      return;
    }
    Optional<String> value = rows.isEmpty() ? Optional.empty() : rows.getFirst().getFirst();
    String found =
        "expected "
            + expectation
            + ", found "
            + (rows.isEmpty() ? "no row" : value.map(PlanChecks::cut).orElse("null"));
    Verdict result =
        switch (expectation.judge(value)) {
          case MET -> Verdict.PASS;
          case MISSED -> Verdict.FAIL;
          case INCOMPARABLE -> Verdict.ERROR;
        };
    add(check, result, found);
  }

  /**
   * What is not there is missing; a question that the server does not understand proves nothing.
   */
  private void refused(PlanConfig.Check check, SqlOutcome.Refused refused) {
    boolean counts = SqlFault.isAbsence(refused) || SqlFault.of(refused) == SqlFault.DATA;
    add(
        check,
        counts ? Verdict.FAIL : Verdict.ERROR,
        "expected " + check.expect() + ", found " + refused.state() + ": " + refused.message());
  }

  private void add(PlanConfig.Check check, Verdict result, String detail) {
    checks.add(check.id(), result, check.meaning(), detail);
  }

  private static String cut(String value) {
    return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "…";
  }
}
