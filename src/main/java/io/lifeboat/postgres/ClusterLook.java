package io.lifeboat.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What a connection to any database tells.
 *
 * @param quietAt the next transaction's number, if none was under way
 * @param hasStatistics whether it counts what is done to tables; a standby does not
 * @param at the server's time
 */
record ClusterLook(
    Optional<String> quietAt,
    boolean hasStatistics,
    String at,
    ClusterTruth truth,
    List<String> databases) {
  /** Whether nobody has written anything from this look to a later one. */
  boolean isUntouched(ClusterLook later) {
    return quietAt.isPresent() && quietAt.equals(later.quietAt);
  }

  /** Looks; the session must not have set anything yet. */
  static ClusterLook of(Connection connection) throws SQLException {
    ClusterTruth truth = ClusterTruth.of(connection);
    List<String> databases =
        PostgresServer.rows(
                connection,
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
                    + " AND has_database_privilege(oid, 'CONNECT') ORDER BY datname")
            .stream()
            .map(List::getFirst)
            .toList();
    return new ClusterLook(
        nextIfQuiet(connection),
        PostgresServer.value(
                connection,
                "SELECT current_setting('track_counts')::bool AND NOT pg_is_in_recovery()")
            .filter("t"::equals)
            .isPresent(),
        PostgresServer.value(connection, "SELECT clock_timestamp()").orElseThrow(),
        truth,
        databases);
  }

  /**
   * A snapshot knows only of transactions before the last that ended; locks show the others, also
   * one that has written its commit and waits for a standby. They are asked first: whoever begins
   * in between commits after the backup's end, or moves the number.
   */
  private static Optional<String> nextIfQuiet(Connection connection) throws SQLException {
    boolean isWriting =
        PostgresServer.value(
                connection,
                "SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND granted"
                    + " AND mode = 'ExclusiveLock' LIMIT 1")
            .isPresent();
    return isWriting
        ? Optional.empty()
        : PostgresServer.value(
            connection,
            "SELECT pg_snapshot_xmax(s) FROM pg_current_snapshot() AS s"
                + " WHERE pg_snapshot_xmin(s) = pg_snapshot_xmax(s)");
  }
}
