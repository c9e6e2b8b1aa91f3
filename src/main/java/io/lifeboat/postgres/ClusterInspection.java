package io.lifeboat.postgres;

import io.lifeboat.postgres.ClusterFacts.Contents;
import io.lifeboat.postgres.ClusterFacts.Database;
import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.ClusterFacts.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Asks a server for the facts that a snapshot keeps of it. Reads catalogs, never user data. */
public final class ClusterInspection {
  /** A copy does not start, or does not replay, with less than the source had. */
  static final List<String> FLOORS =
      List.of(
          "max_connections",
          "max_worker_processes",
          "max_wal_senders",
          "max_prepared_transactions",
          "max_locks_per_transaction");

  private static final List<String> OTHERS =
      List.of(
          "wal_level",
          "data_checksums",
          "full_page_writes",
          "block_size",
          "wal_segment_size",
          "summarize_wal",
          "server_encoding",
          "lc_messages",
          "lc_monetary",
          "lc_numeric",
          "lc_time",
          "TimeZone",
          // The role sees the rest only with pg_read_all_settings.
          "shared_preload_libraries",
          "data_directory",
          "config_file",
          "hba_file",
          "ident_file");

  private final PostgresServer server;

  /** An inspection of this server. */
  public ClusterInspection(PostgresServer server) {
    this.server = server;
  }

  /** The facts before a backup: without capture, canary and truth. */
  public ClusterFacts run() {
    return server.sql(connection ->
        new ClusterFacts(
            identity(connection),
            settings(connection),
            contents(connection),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private static Server identity(Connection connection) throws SQLException {
    List<String> row =
        PostgresServer.rows(
                connection,
                "SELECT current_setting('server_version_num'), version(),"
                    + " (SELECT system_identifier FROM pg_control_system()),"
                    + " (SELECT rolname FROM pg_roles WHERE oid = 10)")
            .getFirst();
    return new Server(Integer.parseInt(row.get(0)), row.get(1), row.get(2), row.get(3));
  }

  private static Map<String, String> settings(Connection connection) throws SQLException {
    var settings = new TreeMap<String, String>();
    for (List<String> row :
        PostgresServer.rows(connection, "SELECT name, setting FROM pg_settings")) {
      if (FLOORS.contains(row.get(0)) || OTHERS.contains(row.get(0))) {
        settings.put(row.get(0), row.get(1));
      }
    }
    return settings;
  }

  private static Contents contents(Connection connection) throws SQLException {
    List<Database> databases =
        PostgresServer.rows(
                connection,
                "SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT')"
                    + " OR pg_has_role('pg_read_all_stats', 'USAGE')"
                    + " THEN pg_database_size(oid) END,"
                    + " pg_encoding_to_char(encoding), datcollate"
                    + " FROM pg_database ORDER BY datname")
            .stream()
            .map(row -> new Database(row.get(0), size(row.get(1)), row.get(2), row.get(3)))
            .toList();
    List<Extension> extensions =
        PostgresServer.rows(
                connection, "SELECT extname, extversion FROM pg_extension ORDER BY extname")
            .stream()
            .map(row -> new Extension(row.get(0), row.get(1)))
            .toList();
    List<String> rest =
        PostgresServer.rows(
                connection, "SELECT current_database(), (SELECT count(*) FROM pg_roles)")
            .getFirst();
    return new Contents(rest.get(0), databases, extensions, Integer.parseInt(rest.get(1)));
  }

  private static Optional<Long> size(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Long.valueOf(text));
  }
}
