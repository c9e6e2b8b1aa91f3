package io.lifeboat.postgres;

import io.lifeboat.postgres.TruthManifest.Membership;
import io.lifeboat.postgres.TruthManifest.Role;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the databases of a cluster share: roles, who is a member of whom, settings. */
record ClusterTruth(List<Role> roles, List<Membership> memberships, Map<String, String> settings) {
  /** Nothing is known. */
  static final ClusterTruth NONE = new ClusterTruth(List.of(), List.of(), Map.of());

  private static final int MOST_ROLES = 5000;

  /** A text may hold anything, a password too: only these are kept. */
  private static final List<String> HARMLESS_TEXTS =
      List.of(
          "DateStyle",
          "TimeZone",
          "default_tablespace",
          "default_text_search_config",
          "lc_messages",
          "lc_monetary",
          "lc_numeric",
          "lc_time",
          "listen_addresses",
          "local_preload_libraries",
          "log_timezone",
          "search_path",
          "session_preload_libraries",
          "shared_preload_libraries",
          "synchronous_standby_names",
          "temp_tablespaces",
          "timezone_abbreviations",
          "unix_socket_directories");

  /** Asks for it; the session must not have set anything yet. */
  static ClusterTruth of(Connection connection) throws SQLException {
    List<Role> roles =
        PostgresServer.rows(
                connection,
                "SELECT r.rolname, "
                    + TruthSql.ROLE_ATTRIBUTES
                    + " FROM pg_roles r WHERE r.rolname NOT LIKE 'pg\\_%' ORDER BY 1 LIMIT "
                    + MOST_ROLES)
            .stream()
            .map(row -> new Role(row.get(0), row.get(1)))
            .toList();
    List<Membership> memberships =
        PostgresServer.rows(
                connection,
                "SELECT DISTINCT pg_get_userbyid(roleid), pg_get_userbyid(member)"
                    + " FROM pg_auth_members WHERE member >= 16384 ORDER BY 1, 2 LIMIT "
                    + MOST_ROLES)
            .stream()
            .map(row -> new Membership(row.get(0), row.get(1)))
            .toList();
    return new ClusterTruth(roles, memberships, settings(connection));
  }

  private static Map<String, String> settings(Connection connection) throws SQLException {
    var settings = new TreeMap<String, String>();
    for (List<String> row :
        PostgresServer.rows(
            connection,
            "SELECT name, current_setting(name), vartype FROM pg_settings"
                + " WHERE source NOT IN ('default', 'override', 'client', 'session')"
                + " AND reset_val IS DISTINCT FROM boot_val AND name NOT LIKE '%.%'")) {
      if (!row.get(2).equals("string") || HARMLESS_TEXTS.contains(row.get(0))) {
        settings.put(row.get(0), row.get(1));
      }
    }
    return settings;
  }

  /** What both say. */
  ClusterTruth both(ClusterTruth later) {
    var same = new TreeMap<>(settings);
    same.entrySet().retainAll(later.settings.entrySet());
    return new ClusterTruth(
        both(roles, later.roles), both(memberships, later.memberships), Map.copyOf(same));
  }

  static <T> List<T> both(List<T> first, List<T> second) {
    var there = Set.copyOf(second);
    return first.stream().filter(there::contains).toList();
  }
}
