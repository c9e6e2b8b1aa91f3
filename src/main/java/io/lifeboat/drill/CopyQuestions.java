package io.lifeboat.drill;

import io.lifeboat.drill.scratch.PostgresScratch;
import io.lifeboat.drill.scratch.PostgresScratch.Access;
import io.lifeboat.drill.scratch.SqlOutcome;
import io.lifeboat.postgres.TruthSql;
import io.lifeboat.progress.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Many small questions to one database of a copy, some at a time: each has one row for its answer.
 * For one thread.
 */
final class CopyQuestions {
  private static final int AT_ONCE = 50;
  private static final Duration LIMIT = Duration.ofHours(12);

  private final PostgresScratch scratch;
  private final String database;
  private final Progress progress;

  CopyQuestions(PostgresScratch scratch, String database, Progress progress) {
    this.scratch = scratch;
    this.database = database;
    this.progress = progress;
  }

  /** Whether the database lets anybody in. */
  SqlOutcome greet() {
    return scratch.query(database, "SELECT 1", Access.OWN, LIMIT);
  }

  /**
   * Asks about each item. Where one of several is refused, each is asked again by itself.
   *
   * @param sql a query of one row whose columns are texts
   */
  <T> void ask(
      List<T> items,
      Function<T, String> sql,
      BiConsumer<T, List<String>> answered,
      BiConsumer<T, SqlOutcome.Refused> refused) {
    for (int from = 0; from < items.size(); from += AT_ONCE) {
      progress.checkCancelled();
      List<T> some = items.subList(from, Math.min(items.size(), from + AT_ONCE));
      if (askTogether(some, sql, answered) instanceof SqlOutcome.Refused) {
        some.forEach(item -> {
          progress.checkCancelled();
          if (askTogether(List.of(item), sql, answered) instanceof SqlOutcome.Refused alone) {
            refused.accept(item, alone);
          }
        });
      }
    }
  }

  private <T> SqlOutcome askTogether(
      List<T> items, Function<T, String> sql, BiConsumer<T, List<String>> answered) {
    var text = new StringBuilder(TruthSql.SESSION);
    for (int i = 0; i < items.size(); i++) {
      text.append(i == 0 ? " " : " UNION ALL ");
      text.append("SELECT ").append(i).append(", answer.* FROM (");
      text.append(sql.apply(items.get(i))).append(") AS answer");
    }
    SqlOutcome outcome = scratch.query(database, text.toString(), Access.OWN, LIMIT);
    if (outcome instanceof SqlOutcome.Rows rows) {
      for (List<Optional<String>> row : rows.rows()) {
        List<String> values = row.stream().map(value -> value.orElse("")).toList();
        answered.accept(
            items.get(Integer.parseInt(values.getFirst())), values.subList(1, values.size()));
      }
    }
    return outcome;
  }
}
