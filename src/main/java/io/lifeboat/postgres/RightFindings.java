package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What a role may do besides replicating. Without these rights backups are as good, and less is
 * known of them.
 */
final class RightFindings {
  private final Connection connection;
  private final String user;

  RightFindings(Connection connection, String user) {
    this.connection = connection;
    this.user = user;
  }

  List<Finding> run() throws SQLException {
    return List.of(
        member(
            "read_all_settings",
            "pg_read_all_settings",
            "may see all settings",
            "the facts of each snapshot lack settings that a restore must bring along, such as"
                + " preloaded libraries"),
        member(
            "read_all_stats",
            "pg_read_all_stats",
            "may see all statistics",
            "the sizes of databases that it may not enter, and others' sessions, stay unknown"),
        member(
            "read_all_data",
            "pg_read_all_data",
            "may count the rows of all tables",
            "what it may not read is not counted, so that no drill can tell whether rows are"
                + " missing there; who replicates can read the same bytes anyway"),
        function(
            "switch_wal",
            "pg_switch_wal()",
            "an idle server's last segment cannot be closed for a WAL archive"),
        function(
            "restore_point",
            "pg_create_restore_point(text)",
            "no point can be named that a restore may go back to"));
  }

  private Finding member(String id, String role, String may, String without) throws SQLException {
    return yes("SELECT pg_has_role(current_user, '" + role + "', 'USAGE')")
        ? Finding.well(id, ADVICE, "Role '" + user + "' " + may + ".")
        : Finding.ill(
            id,
            ADVICE,
            "Role '" + user + "' lacks " + role + ": " + without + ".",
            "GRANT " + role + " TO " + ConnectionFailures.quoted(user) + ";");
  }

  /** A right on a function holds in one database only: that of the source's URL. */
  private Finding function(String id, String function, String without) throws SQLException {
    return yes("SELECT has_function_privilege('pg_catalog." + function + "', 'EXECUTE')")
        ? Finding.well(id, ADVICE, "Role '" + user + "' may call " + function + ".")
        : Finding.ill(
            id,
            ADVICE,
            "Role '" + user + "' may not call " + function + ": " + without + ".",
            "GRANT EXECUTE ON FUNCTION pg_catalog."
                + function
                + " TO "
                + ConnectionFailures.quoted(user)
                + ";");
  }

  private boolean yes(String query) throws SQLException {
    return PostgresServer.value(connection, query).filter("t"::equals).isPresent();
  }
}
