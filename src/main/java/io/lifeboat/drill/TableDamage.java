package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.RowCount;
import io.lifeboat.postgres.TruthManifest;
import io.lifeboat.postgres.TruthManifest.Database;
import io.lifeboat.postgres.TruthManifest.Relation;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Damages one table of a booted copy, the smallest that the truth manifest would tell it of. For
 * one thread, once.
 */
final class TableDamage {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final PostgresScratch scratch;
  private final Optional<TruthManifest> truth;

  TableDamage(PostgresScratch scratch, Optional<TruthManifest> truth) {
    this.scratch = scratch;
    this.truth = truth;
  }

  private record Candidate(String database, Relation relation) {
    TableName name() {
      return new TableName(relation.schema(), relation.name());
    }
  }

  /**
   * Makes it.
   *
   * @throws PermanentException with code {@code CONTROL_IMPOSSIBLE} if no table can be damaged so
   */
  void make(Damage damage) {
    Predicate<RowCount> told =
        switch (damage) {
          case MISSING_TABLE -> rows -> true;
          case EMPTY_TABLE ->
              rows ->
                  rows instanceof RowCount.Exact(long count) && count > 0
                      || rows instanceof RowCount.Between(long low, long high) && low > 0;
          case EXTRA_ROW -> rows -> rows instanceof RowCount.Exact(long count) && count > 0;
          default -> throw new IllegalArgumentException(damage + " is not done to a table");
        };
    String refusal = "the truth manifest of this backup has no table that it could be done to";
    for (Candidate candidate : candidates(told).toList()) {
      SqlOutcome outcome =
          scratch.query(
              candidate.database(), statements(damage, candidate.name()), Access.OWN, LIMIT);
      if (!(outcome instanceof SqlOutcome.Refused refused)) {
        return;
      }
      refusal = candidate.name() + ": " + refused.state() + " " + refused.message();
    }
    throw new PermanentException(
        ErrorCode.CONTROL_IMPOSSIBLE,
        "No table of the copy can be damaged: " + refusal,
        "Take a backup of a source that has tables, with a truth manifest.");
  }

  private Stream<Candidate> candidates(Predicate<RowCount> told) {
    return truth.stream()
        .flatMap(manifest -> manifest.databases().stream())
        .flatMap(this::ofDatabase)
        .filter(candidate -> told.test(candidate.relation().rows()))
        .sorted(Comparator.comparingLong(candidate -> candidate.relation().sizeBytes()))
        .limit(20);
  }

  private Stream<Candidate> ofDatabase(Database database) {
    return database.relations().stream()
        .filter(relation -> relation.kind().equals("r") && relation.persistence().equals("p"))
        .map(relation -> new Candidate(database.name(), relation));
  }

  private static String statements(Damage damage, TableName table) {
    String name = table.quoted();
    String other = new TableName(table.schema(), "lifeboat_extra_row").quoted();
    return switch (damage) {
      case MISSING_TABLE -> "DROP TABLE " + name + " CASCADE";
      case EMPTY_TABLE -> "TRUNCATE " + name + " CASCADE";
      default -> // without the keys that would refuse a row twice
          String.join(
              ";",
              "BEGIN",
              "CREATE TABLE " + other + " (LIKE " + name + ")",
              "INSERT INTO " + other + " SELECT * FROM " + name,
              "INSERT INTO " + other + " SELECT * FROM " + name + " LIMIT 1",
              "DROP TABLE " + name + " CASCADE",
              "ALTER TABLE " + other + " RENAME TO " + TableName.identifier(table.table()),
              "COMMIT");
    };
  }
}
