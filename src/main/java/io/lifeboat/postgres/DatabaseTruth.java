package io.lifeboat.postgres;

import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.TableObservation.Activity;
import io.lifeboat.postgres.TableObservation.Rows;
import io.lifeboat.postgres.TableObservation.Table;
import io.lifeboat.postgres.TruthManifest.Sequence;
import io.lifeboat.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One look at a database: its tables from the smallest on, each in a transaction of its own and for
 * a moment only, so that nobody waits for it and no old row must be kept for it.
 */
final class DatabaseTruth {
  /** What it says of a table that the role lacks a right on. */
  static final String DENIED = "the role may not read all of it";

  private static final String NO_TIME = "there was no time left to count it";

  private static final Duration LONGEST_COUNT = Duration.ofSeconds(3);
  private static final Duration LONGEST_GLANCE = Duration.ofMillis(500);
  private static final Duration LONGEST_LISTING = Duration.ofSeconds(30);
  private static final long LARGEST_DIGESTED_BYTES = 64L << 20;
  private static final int MOST_RELATIONS = 5000;

  private final Connection connection;
  private final Progress progress;
  private long timeoutMillis;

  DatabaseTruth(Connection connection, Progress progress) throws SQLException {
    this.connection = connection;
    this.progress = progress;
    execute(TruthSql.SESSION);
    // One reader at a time, who takes no row lock and waits for nobody.
    execute(
        "SET default_transaction_read_only = on; SET lock_timeout = '200ms'; SET jit = off;"
            + " SET max_parallel_workers_per_gather = 0");
    limit(LONGEST_LISTING);
  }

  /**
   * Looks at everything that takes no time; no rows are counted.
   *
   * @param worth which tables to ask for their newest row
   */
  DatabaseLook look(Deadline deadline, Predicate<String> worth) throws SQLException {
    List<Extension> extensions =
        PostgresServer.rows(connection, "SELECT extname, extversion FROM pg_extension ORDER BY 1")
            .stream()
            .map(row -> new Extension(row.get(0), row.get(1)))
            .toList();
    List<Sequence> sequences = sequences();
    Map<String, TableObservation> tables = tables();
    newest(tables, deadline.atMost(deadline.left().dividedBy(2)), worth);
    return new DatabaseLook(extensions, sequences, tables, Optional.empty());
  }

  /**
   * The same look with the rows of its tables.
   *
   * @param worth which tables to count
   */
  DatabaseLook counted(DatabaseLook look, Deadline deadline, Predicate<String> worth)
      throws SQLException {
    var tables = new LinkedHashMap<>(look.tables());
    count(tables, deadline, worth);
    Optional<Lsn> end =
        PostgresServer.value(
                connection,
                "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END")
            .map(Lsn::parse);
    return new DatabaseLook(look.extensions(), look.sequences(), tables, end);
  }

  /** Those that were called already. */
  private List<Sequence> sequences() throws SQLException {
    return PostgresServer.rows(
            connection,
            "SELECT * FROM (SELECT n.nspname, c.relname,"
                + " CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE')"
                + " THEN pg_sequence_last_value(c.oid) END AS last, s.seqincrement"
                + " FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relpersistence = 'p' AND NOT s.seqcycle AND n.nspname <> 'lifeboat'"
                + " ORDER BY c.oid LIMIT "
                + MOST_RELATIONS
                + ") AS called WHERE last IS NOT NULL")
        .stream()
        .map(row ->
            new Sequence(
                row.get(0), row.get(1), Long.parseLong(row.get(2)), Long.parseLong(row.get(3))))
        .toList();
  }

  /** All tables and views but the system's own and the canary's. */
  Map<String, TableObservation> tables() throws SQLException {
    var tables = new LinkedHashMap<String, TableObservation>();
    for (List<String> row :
        PostgresServer.rows(
            connection,
            "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence,"
                + " greatest(c.relpages::bigint * current_setting('block_size')::bigint,"
                + " pg_stat_get_live_tuples(c.oid) * 40, 0) AS size,"
                + " coalesce(pg_relation_filenode(c.oid)::text, ''),"
                + " pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid),"
                + " pg_stat_get_tuples_hot_updated(c.oid), pg_stat_get_tuples_deleted(c.oid),"
                + " (SELECT a.attname FROM pg_index i JOIN pg_attribute a"
                + " ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid"
                + " AND i.indisprimary AND i.indisvalid AND i.indnkeyatts = 1"
                // int8, int2, int4, date, timestamp, timestamptz
                + " AND a.atttypid IN (20, 21, 23, 1082, 1114, 1184)),"
                + " CASE WHEN c.relkind NOT IN ('r', 'm') THEN 'it has no rows of its own'"
                + " WHEN c.relpersistence = 'u' THEN 'every restore brings it back empty'"
                + " WHEN NOT c.relispopulated THEN 'it was never filled'"
                + " WHEN NOT has_schema_privilege(n.oid, 'USAGE')"
                + " OR NOT has_table_privilege(c.oid, 'SELECT') THEN '"
                + DENIED
                + "' END"
                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND c.relpersistence <> 't'"
                + " AND n.nspname NOT IN ('information_schema', 'lifeboat')"
                + " AND n.nspname NOT LIKE 'pg\\_%' ORDER BY size, c.oid LIMIT "
                + MOST_RELATIONS)) {
      tables.put(row.getFirst(), observation(row));
    }
    return tables;
  }

  private static TableObservation observation(List<String> row) {
    return new TableObservation(
        new Table(
            row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), Long.parseLong(row.get(5))),
        new Activity(row.get(6), number(row, 7), number(row, 8), number(row, 9), number(row, 10)),
        Optional.of(row.get(11)).filter(key -> !key.isEmpty()),
        new Rows.Unknown(row.get(12)),
        Optional.empty());
  }

  private static long number(List<String> row, int column) {
    return Long.parseLong(row.get(column));
  }

  /** Whether there is anything to read. */
  private static boolean isReadable(TableObservation table) {
    return table.rows() instanceof Rows.Unknown unknown && unknown.reason().isEmpty();
  }

  /** By the primary key's index, also where counting would take too long. */
  private void newest(
      Map<String, TableObservation> tables, Deadline deadline, Predicate<String> worth)
      throws SQLException {
    limit(LONGEST_GLANCE);
    for (Map.Entry<String, TableObservation> entry : List.copyOf(tables.entrySet()).reversed()) {
      TableObservation table = entry.getValue();
      if (deadline.isOver()
          || table.key().isEmpty()
          || !isReadable(table)
          || !worth.test(entry.getKey())) {
        continue;
      }
      progress.checkCancelled();
      try {
        tables.put(
            entry.getKey(),
            table.withNewest(
                PostgresServer.value(
                    connection,
                    TruthSql.newest(
                        table.table().schema(), table.table().name(), table.key().get()))));
      } catch (SQLException e) {
        reason(e); // Its rows are counted next, and that says why it cannot be read.
      }
    }
  }

  private void count(
      Map<String, TableObservation> tables, Deadline deadline, Predicate<String> worth)
      throws SQLException {
    boolean tooLarge = false;
    for (Map.Entry<String, TableObservation> entry : tables.entrySet()) {
      TableObservation table = entry.getValue();
      if (!isReadable(table)) {
        continue;
      }
      progress.checkCancelled();
      Rows rows = new Rows.Unknown(NO_TIME);
      if (!tooLarge && !deadline.isOver() && worth.test(entry.getKey())) {
        rows = count(table.table(), deadline);
        // The next ones are larger still.
        tooLarge = rows.equals(new Rows.Unknown(NO_TIME));
      }
      entry.setValue(table.with(rows));
    }
  }

  private Rows count(Table table, Deadline deadline) throws SQLException {
    limit(deadline.atMost(LONGEST_COUNT).left());
    try {
      boolean withDigest = table.sizeBytes() <= LARGEST_DIGESTED_BYTES;
      List<String> row =
          PostgresServer.rows(connection, TruthSql.count(table.schema(), table.name(), withDigest))
              .getFirst();
      return new Rows.Counted(
          Long.parseLong(row.get(0)), Optional.of(row.get(1)).filter(text -> !text.isEmpty()));
    } catch (SQLException e) {
      return new Rows.Unknown(reason(e));
    }
  }

  /**
   * Why a table could not be read.
   *
   * @throws SQLException if the connection is gone
   */
  private static String reason(SQLException e) throws SQLException {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    return switch (state) {
      case "57014" -> NO_TIME;
      case "55P03" -> "somebody held a lock on it";
      case "42501" -> DENIED;
      case "42P01", "3F000" -> "it was dropped meanwhile";
      case "40001" -> "the standby had to go on";
      default -> {
        if (state.isEmpty() || state.startsWith("08") || state.startsWith("57P")) {
          throw e;
        }
        yield "PostgreSQL answered: " + ConnectionFailures.sentence(e);
      }
    };
  }

  /** How long each of the next statements may run. */
  private void limit(Duration time) throws SQLException {
    long millis = Math.max(1, time.toMillis());
    if (millis != timeoutMillis) {
      execute("SET statement_timeout = " + millis);
      timeoutMillis = millis;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
