package io.lifeboat.postgres;

import io.lifeboat.error.LifeboatException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A row that is written to the source before each backup, in {@code lifeboat.canary(id, backup,
 * written_at)}. A drill that finds it in the restored copy has measured the recovery point rather
 * than computed it. The table is created when it is first needed, and keeps the last hundred rows.
 *
 * <p>A backup never fails for want of a canary: what stands in the way becomes a warning.
 */
public final class Canary {
  private static final String UTC_TEXT = PostgresServer.utc("written_at");
  private static final String KEEP_ROWS = "100";

  private final PostgresServer server;

  /** The canary of this server. */
  public Canary(PostgresServer server) {
    this.server = server;
  }

  /**
   * Writes a row and commits it.
   *
   * @param warnings hears why there is none, as a sentence
   */
  public Optional<CanaryRow> write(String backup, Consumer<String> warnings) {
    try {
      return server.sql(connection -> {
        Optional<String> obstacle = obstacle(connection);
        if (obstacle.isPresent()) {
          warnings.accept("No canary was written: " + obstacle.get());
          return Optional.empty();
        }
        return Optional.of(insert(connection, backup));
      });
    } catch (LifeboatException e) {
      warnings.accept("No canary was written: " + e.getMessage() + ".");
      return Optional.empty();
    }
  }

  /**
   * SQL for a copy: answers the time, as ISO 8601 in UTC, at which the canary of a backup was
   * written; no row if it is not there.
   */
  public static String queryFor(String backup) {
    return "SELECT "
        + UTC_TEXT
        + " FROM lifeboat.canary WHERE backup = '"
        + backup.replace("'", "''")
        + "' ORDER BY id DESC LIMIT 1";
  }

  private static CanaryRow insert(Connection connection, String backup) throws SQLException {
    connection.setAutoCommit(false);
    List<String> row;
    try (Statement statement = connection.createStatement()) {
      // A standby that does not answer, or somebody's lock, must not hold up the backup.
      statement.execute("SET LOCAL synchronous_commit = local");
      statement.execute("SET LOCAL lock_timeout = '5s'");
      statement.execute("CREATE SCHEMA IF NOT EXISTS lifeboat");
      statement.execute(
          "CREATE TABLE IF NOT EXISTS lifeboat.canary (id bigserial PRIMARY KEY, backup text NOT"
              + " NULL, written_at timestamptz NOT NULL DEFAULT clock_timestamp())");
      row =
          PostgresServer.rows(
                  connection,
                  "INSERT INTO lifeboat.canary (backup) VALUES (?) RETURNING id, "
                      + UTC_TEXT
                      + ", current_database()",
                  backup)
              .getFirst();
      statement.execute(
          "DELETE FROM lifeboat.canary WHERE id <= (SELECT max(id) - "
              + KEEP_ROWS
              + " FROM lifeboat.canary)");
    }
    connection.commit();
    connection.setAutoCommit(true);
    String lsn =
        PostgresServer.value(connection, "SELECT pg_current_wal_insert_lsn()").orElseThrow();
    return new CanaryRow(
        Long.parseLong(row.get(0)), backup, row.get(2), Instant.parse(row.get(1)), Lsn.parse(lsn));
  }

  /**
   * What keeps this role from writing a canary, as a sentence. A schema or table that belongs to
   * somebody else than the role itself or a superuser is one: its triggers would run with this
   * role's rights.
   */
  static Optional<String> obstacle(Connection connection) throws SQLException {
    if (yes(connection, "SELECT pg_is_in_recovery()")) {
      return Optional.of("the server is a standby.");
    }
    String owner =
        " (pg_get_userbyid(%1$s) = current_user"
            + " OR (SELECT rolsuper FROM pg_roles WHERE oid = %1$s)) ";
    if (!yes(connection, "SELECT count(*) > 0 FROM pg_namespace WHERE nspname = 'lifeboat'")) {
      return yes(connection, "SELECT has_database_privilege(current_database(), 'CREATE')")
          ? Optional.empty()
          : Optional.of("there is no schema lifeboat, and the role may not create one.");
    }
    if (!yes(
        connection,
        "SELECT "
            + String.format(Locale.ROOT, owner, "nspowner")
            + "FROM pg_namespace WHERE nspname = 'lifeboat'")) {
      return Optional.of("the schema lifeboat belongs to another role.");
    }
    if (!yes(connection, "SELECT to_regclass('lifeboat.canary') IS NOT NULL")) {
      return yes(connection, "SELECT has_schema_privilege('lifeboat', 'CREATE, USAGE')")
          ? Optional.empty()
          : Optional.of("there is no table lifeboat.canary, and the role may not create one.");
    }
    if (!yes(
        connection,
        "SELECT "
            + String.format(Locale.ROOT, owner, "relowner")
            + "AND relkind = 'r' FROM pg_class WHERE oid = to_regclass('lifeboat.canary')")) {
      return Optional.of("lifeboat.canary is not a table of this role or a superuser.");
    }
    boolean mayWrite =
        yes(
            connection,
            "SELECT has_table_privilege('lifeboat.canary', 'SELECT')"
                + " AND has_table_privilege('lifeboat.canary', 'INSERT')"
                + " AND has_table_privilege('lifeboat.canary', 'DELETE')"
                + " AND has_sequence_privilege('lifeboat.canary_id_seq', 'USAGE')");
    return mayWrite ? Optional.empty() : Optional.of("the role may not write to lifeboat.canary.");
  }

  /** What a superuser runs so that the source's role can write canaries. */
  static String grants(PostgresAddress address) {
    return "CREATE SCHEMA IF NOT EXISTS lifeboat AUTHORIZATION "
        + ConnectionFailures.quoted(address.user())
        + ";";
  }

  private static boolean yes(Connection connection, String query) throws SQLException {
    return PostgresServer.value(connection, query).filter("t"::equals).isPresent();
  }
}
