package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What is in a server that one should know before it is backed up, or restored. */
final class ContentFindings {
  private final Connection connection;

  ContentFindings(Connection connection) {
    this.connection = connection;
  }

  List<Finding> run() throws SQLException {
    return List.of(standby(), tablespaces(), unlogged(), prepared());
  }

  /** Of the databases whose sizes the role may know. */
  static long sizeBytes(Connection connection) throws SQLException {
    return Long.parseLong(
        PostgresServer.value(
                connection,
                "SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database"
                    + " WHERE has_database_privilege(oid, 'CONNECT')"
                    + " OR pg_has_role('pg_read_all_stats', 'USAGE')")
            .orElse("0"));
  }

  private Finding standby() throws SQLException {
    boolean isStandby =
        PostgresServer.value(connection, "SELECT pg_is_in_recovery()")
            .filter("t"::equals)
            .isPresent();
    return Finding.well(
        "standby",
        ADVICE,
        isStandby
            ? "The server is a standby: it can be backed up; if it is promoted meanwhile, that"
                + " backup fails."
            : "The server is a primary.");
  }

  /** A base backup names a tablespace by its path, and one in place has none. */
  private Finding tablespaces() throws SQLException {
    List<List<String>> rows =
        PostgresServer.rows(
            connection,
            "SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace"
                + " WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY spcname");
    List<String> inPlace =
        rows.stream().filter(row -> !row.get(1).startsWith("/")).map(List::getFirst).toList();
    if (!inPlace.isEmpty()) {
      return new Finding(
          "tablespaces",
          false,
          REQUIRED,
          "Tablespaces without a path of their own cannot be backed up: move what is in "
              + String.join(", ", inPlace)
              + " to others, and drop them.",
          Optional.of(
              "ALTER TABLE ALL IN TABLESPACE "
                  + ConnectionFailures.quoted(inPlace.getFirst())
                  + " SET TABLESPACE pg_default;"));
    }
    return Finding.well(
        "tablespaces",
        ADVICE,
        rows.isEmpty()
            ? "There are no tablespaces beside the data directory."
            : rows.size()
                + " tablespaces are backed up too, and need places at a restore: "
                + String.join(
                    ", ", rows.stream().map(row -> row.get(0) + " (" + row.get(1) + ")").toList())
                + ".");
  }

  private Finding unlogged() throws SQLException {
    List<String> row =
        PostgresServer.rows(
                connection,
                "SELECT current_database(), count(*) FROM pg_class"
                    + " WHERE relpersistence = 'u' AND relkind = 'r'")
            .getFirst();
    return Finding.well(
        "unlogged",
        ADVICE,
        "Database "
            + row.get(0)
            + (row.get(1).equals("0")
                ? " has no unlogged tables."
                : " has "
                    + row.get(1)
                    + " unlogged tables: every restore brings them back empty."));
  }

  private Finding prepared() throws SQLException {
    List<String> row =
        PostgresServer.rows(
                connection, "SELECT count(*), min(prepared)::timestamptz(0) FROM pg_prepared_xacts")
            .getFirst();
    return Finding.well(
        "prepared",
        ADVICE,
        row.get(0).equals("0")
            ? "No prepared transaction waits."
            : row.get(0)
                + " prepared transactions wait, the oldest since "
                + row.get(1)
                + ": a restored copy has them too, with their locks.");
  }
}
