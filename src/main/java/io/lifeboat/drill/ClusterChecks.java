package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.SqlFault;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.postgres.Canary;
import io.lifeboat.postgres.CanaryRow;
import io.lifeboat.postgres.ClusterFacts;
import io.lifeboat.postgres.ClusterFacts.Capture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks a booted copy whether it is whole. For one thread. */
final class ClusterChecks {
  private static final Duration QUICK = Duration.ofMinutes(1);
  private static final Duration FULL_READ = Duration.ofHours(12);

  private final PostgresScratch scratch;
  private final ClusterFacts facts;
  private final CheckLog checks;

  ClusterChecks(PostgresScratch scratch, ClusterFacts facts, CheckLog checks) {
    this.scratch = scratch;
    this.facts = facts;
    this.checks = checks;
  }

  /**
   * BOOT-1: the server answers as a primary, and is the one that was backed up, at least as far.
   */
  boolean identity() {
    String stop = facts.capture().map(capture -> capture.stopLsn().toString()).orElse("0/0");
    SqlOutcome outcome =
        scratch.query(
            "template1",
            "select pg_is_in_recovery(), (select system_identifier from pg_control_system()),"
                + " (select timeline_id from pg_control_checkpoint()), pg_current_wal_lsn(),"
                + " pg_current_wal_lsn() >= '"
                + stop
                + "'",
            Access.OWN,
            QUICK);
    switch (outcome) {
      case SqlOutcome.Refused refused -> judge(BuiltInCheck.BOOTS, refused);
      case SqlOutcome.Rows rows -> {
        List<String> row = rows.rows().getFirst().stream().map(v -> v.orElse("")).toList();
        List<String> problems = problems(row, stop);
        String found = "system " + row.get(1) + " on timeline " + row.get(2) + " at " + row.get(3);
        if (problems.isEmpty()) {
          checks.pass(BuiltInCheck.BOOTS, "accepts connections; " + found);
          return true;
        }
        checks.fail(BuiltInCheck.BOOTS, String.join("; ", problems));
      }
    }
    return false;
  }

  private List<String> problems(List<String> row, String stop) {
    List<String> problems = new ArrayList<>();
    if (!row.get(0).equals("f")) {
      problems.add("it is still in recovery");
    }
    if (!row.get(1).equals(facts.server().systemIdentifier())) {
      problems.add(
          "its system identifier is " + row.get(1) + ", not " + facts.server().systemIdentifier());
    }
    Optional<Integer> timeline = facts.capture().map(Capture::timeline);
    if (timeline.isPresent() && !row.get(2).equals(timeline.get().toString())) {
      problems.add("it is on timeline " + row.get(2) + ", not " + timeline.get());
    }
    if (!row.get(4).equals("t")) {
      problems.add("it ended at " + row.get(3) + ", before the backup's end at " + stop);
    }
    return problems;
  }

  /** STR-1 and STR-2, in each database that lets anybody in. */
  void structure() {
    SqlOutcome databases =
        scratch.query(
            "template1",
            "select datname from pg_database where datallowconn order by 1",
            Access.OWN,
            QUICK);
    switch (databases) {
      case SqlOutcome.Refused refused -> judge(BuiltInCheck.TABLES, refused);
      case SqlOutcome.Rows rows -> {
        List<String> names = rows.rows().stream().map(row -> row.getFirst().orElse("")).toList();
        if (readTables(names)) {
          verifyInside(names);
        }
      }
    }
  }

  private boolean readTables(List<String> databases) {
    long tables = 0;
    long rows = 0;
    for (String database : databases) {
      switch (scratch.query(database, StructureSql.READ_TABLES, Access.OWN, FULL_READ)) {
        case SqlOutcome.Refused refused -> {
          judge(BuiltInCheck.TABLES, inDatabase(database, refused));
          return false;
        }
        case SqlOutcome.Rows found -> {
          StructureSql.Tally tally = StructureSql.tally(found);
          if (tally.refusal().isPresent()) {
            judge(BuiltInCheck.TABLES, inDatabase(database, tally.refusal().get()));
            return false;
          }
          tables += tally.objects();
          rows += tally.rows();
        }
      }
    }
    if (tables == 0) {
      checks.skip(BuiltInCheck.TABLES, "no table was found in " + databases);
      return false;
    }
    checks.pass(
        BuiltInCheck.TABLES,
        rows
            + " rows of "
            + tables
            + " tables in "
            + databases.size()
            + " databases read, catalogs included");
    return true;
  }

  private void verifyInside(List<String> databases) {
    long objects = 0;
    long passedOver = 0;
    for (String database : databases) {
      switch (scratch.query(database, StructureSql.VERIFY_INSIDE, Access.OWN, FULL_READ)) {
        case SqlOutcome.Refused refused -> {
          if (refused.state().equals("0A000") || refused.state().equals("58P01")) {
            checks.skipOptional(
                BuiltInCheck.INDEXES, "the scratch has no extension amcheck: " + refused.message());
          } else {
            judge(BuiltInCheck.INDEXES, inDatabase(database, refused));
          }
          return;
        }
        case SqlOutcome.Rows found -> {
          StructureSql.Tally tally = StructureSql.tally(found);
          if (tally.refusal().isPresent()) {
            judge(BuiltInCheck.INDEXES, inDatabase(database, tally.refusal().get()));
            return;
          }
          objects += tally.objects();
          passedOver += tally.rows();
        }
      }
    }
    checks.pass(
        BuiltInCheck.INDEXES,
        objects
            + " tables and indexes are sound inside"
            + (passedOver == 0
                ? ""
                : "; " + passedOver + " indexes passed over, as the scratch sorts text otherwise"));
  }

  /** CAN-1: the row that was written for this backup; answers when that was. */
  Optional<Instant> canary(boolean isRequired) {
    if (facts.canary().isEmpty()) {
      String reason = "no canary was written with this backup";
      if (isRequired) {
        checks.skip(BuiltInCheck.CANARY, reason);
      } else {
        checks.skipUnproven(BuiltInCheck.CANARY, reason);
      }
      return Optional.empty();
    }
    CanaryRow row = facts.canary().get();
    SqlOutcome outcome =
        scratch.query(row.database(), Canary.queryFor(row.backup()), Access.OWN, QUICK);
    switch (outcome) {
      case SqlOutcome.Refused refused -> judgePresence(BuiltInCheck.CANARY, refused);
      case SqlOutcome.Rows rows -> {
        Optional<String> found = rows.rows().stream().findFirst().flatMap(List::getFirst);
        if (found.equals(Optional.of(row.writtenAt().toString()))
            || found.map(Instant::parse).equals(Optional.of(row.writtenAt()))) {
          checks.pass(BuiltInCheck.CANARY, "the row of " + row.writtenAt() + " is there");
          return Optional.of(row.writtenAt());
        }
        checks.fail(
            BuiltInCheck.CANARY,
            "the row of " + row.writtenAt() + " was expected, found: " + found.orElse("none"));
      }
    }
    return Optional.empty();
  }

  private void judgePresence(BuiltInCheck check, SqlOutcome.Refused refused) {
    if (SqlFault.isAbsence(refused)) {
      checks.fail(check, refused.message());
    } else {
      judge(check, refused);
    }
  }

  private void judge(BuiltInCheck check, SqlOutcome.Refused refused) {
    String detail = refused.state() + ": " + refused.message();
    switch (SqlFault.of(refused)) {
      case DATA -> checks.fail(check, detail);
      case QUESTION, SCRATCH -> checks.error(check, detail);
    }
  }

  private static SqlOutcome.Refused inDatabase(String database, SqlOutcome.Refused refused) {
    return new SqlOutcome.Refused(
        refused.state(), "in database " + database + ": " + refused.message());
  }
}
