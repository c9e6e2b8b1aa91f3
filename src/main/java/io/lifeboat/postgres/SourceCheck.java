package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a server can be backed up, asked without changing anything on it. */
public final class SourceCheck {
  private final PostgresServer server;

  /** A check of this server. */
  public SourceCheck(PostgresServer server) {
    this.server = server;
  }

  /** Looks at everything. What cannot be reached becomes a finding too; nothing is thrown. */
  public List<Finding> run() {
    var findings = new ArrayList<Finding>();
    try {
      server.sql(connection -> {
        findings.add(Finding.well("connect", REQUIRED, "SQL works as " + server.address() + "."));
        look(connection, findings);
        return findings;
      });
    } catch (LifeboatException e) {
      findings.add(failed("connect", e));
      return List.copyOf(findings);
    }
    if (findings.stream().allMatch(found -> found.ok() || found.severity() == ADVICE)) {
      findings.add(replicationConnects());
    }
    return List.copyOf(findings);
  }

  /**
   * Makes sure of what a base backup cannot do without, each failure with its own code; the
   * replication connection's own refusals would not tell them apart.
   */
  public static void requireReady(PostgresServer server) {
    PostgresAddress address = server.address();
    server.sql(connection -> {
      requireVersion(address, versionNum(connection));
      if (!mayReplicate(connection)) {
        throw ConnectionFailures.roleLacksReplication(address, null);
      }
      if (setting(connection, "wal_level").equals("minimal")) {
        throw new PermanentException(
            ErrorCode.WAL_LEVEL_TOO_LOW,
            "wal_level of PostgreSQL at " + address.place() + " is minimal",
            "Run as a superuser, then restart the server: " + RAISE_WAL_LEVEL);
      }
      return true;
    });
  }

  /** What lets a server tell which blocks have changed, as a superuser. */
  public static final String SUMMARIZE_WAL =
      "ALTER SYSTEM SET summarize_wal = 'on'; SELECT pg_reload_conf();";

  private static final String RAISE_WAL_LEVEL =
      "ALTER SYSTEM SET wal_level = 'replica'; ALTER SYSTEM SET max_wal_senders = 10;";

  /** Refuses servers whose protocol is another one. */
  public static void requireVersion(PostgresAddress address, int versionNum) {
    if (versionNum < PostgresServer.OLDEST_MAJOR * 10_000) {
      throw new PermanentException(
          ErrorCode.DATABASE_TOO_OLD,
          "PostgreSQL at " + address.place() + " is version " + readable(versionNum),
          "Lifeboat backs up PostgreSQL "
              + PostgresServer.OLDEST_MAJOR
              + " and later: upgrade it.");
    }
  }

  private void look(Connection connection, List<Finding> findings) throws SQLException {
    findings.add(version(connection));
    findings.add(role(connection));
    findings.add(walLevel(connection));
    findings.add(free(connection, "slots", "max_replication_slots", "pg_replication_slots"));
    findings.add(free(connection, "walsenders", "max_wal_senders", "pg_stat_replication"));
    findings.add(slotLimit(connection));
    findings.add(fullPageWrites(connection));
    findings.add(checksums(connection));
    summaries(connection).ifPresent(findings::add);
    findings.add(
        Canary.obstacle(connection)
            .map(obstacle ->
                Finding.ill(
                    "canary",
                    ADVICE,
                    obstacle + " Without a canary a drill cannot measure the recovery point.",
                    Canary.grants(server.address())))
            .orElseGet(() -> Finding.well("canary", ADVICE, "A canary can be written.")));
  }

  private static Finding version(Connection connection) throws SQLException {
    int versionNum = versionNum(connection);
    String sentence = "The server is PostgreSQL " + readable(versionNum) + ".";
    return versionNum >= PostgresServer.OLDEST_MAJOR * 10_000
        ? Finding.well("version", REQUIRED, sentence)
        : new Finding(
            "version",
            false,
            REQUIRED,
            sentence + " Lifeboat needs " + PostgresServer.OLDEST_MAJOR + " or later.",
            Optional.empty());
  }

  private Finding role(Connection connection) throws SQLException {
    String user = server.address().user();
    return mayReplicate(connection)
        ? Finding.well("role", REQUIRED, "Role '" + user + "' may replicate.")
        : Finding.ill(
            "role",
            REQUIRED,
            "Role '" + user + "' lacks the REPLICATION attribute.",
            ConnectionFailures.alterRole(user));
  }

  private static Finding walLevel(Connection connection) throws SQLException {
    String level = setting(connection, "wal_level");
    return level.equals("minimal")
        ? Finding.ill(
            "wal_level",
            REQUIRED,
            "wal_level is minimal: the WAL lacks what a backup needs. A restart is needed.",
            RAISE_WAL_LEVEL)
        : Finding.well("wal_level", REQUIRED, "wal_level is " + level + ".");
  }

  private static Finding free(Connection connection, String id, String setting, String view)
      throws SQLException {
    long limit = Long.parseLong(setting(connection, setting));
    long used =
        Long.parseLong(
            PostgresServer.value(connection, "SELECT count(*) FROM " + view).orElse("0"));
    String sentence = used + " of " + limit + " are in use (" + setting + ").";
    return used < limit
        ? Finding.well(id, REQUIRED, sentence)
        : Finding.ill(
            id,
            REQUIRED,
            sentence + " A backup needs one. A restart is needed.",
            "ALTER SYSTEM SET " + setting + " = " + (limit + 10) + ";");
  }

  /** Past this limit the server ends the session that holds the slot, and the backup with it. */
  private static Finding slotLimit(Connection connection) throws SQLException {
    String limit = setting(connection, "max_slot_wal_keep_size");
    return limit.equals("-1")
        ? Finding.well("slot_limit", ADVICE, "max_slot_wal_keep_size sets no limit.")
        : Finding.ill(
            "slot_limit",
            ADVICE,
            "max_slot_wal_keep_size is "
                + limit
                + ": a backup during which more WAL than that is written will fail.",
            "ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf();");
  }

  private static Finding fullPageWrites(Connection connection) throws SQLException {
    return setting(connection, "full_page_writes").equals("on")
        ? Finding.well("full_page_writes", ADVICE, "full_page_writes is on.")
        : Finding.ill(
            "full_page_writes",
            ADVICE,
            "full_page_writes is off: a crash of the server may damage its files, and a standby"
                + " cannot be backed up.",
            "ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();");
  }

  private static Finding checksums(Connection connection) throws SQLException {
    return setting(connection, "data_checksums").equals("on")
        ? Finding.well("data_checksums", ADVICE, "Pages have checksums, checked at each backup.")
        : new Finding(
            "data_checksums",
            false,
            ADVICE,
            "Pages have no checksums: damage on the server's disk goes into the backup unseen."
                + " With the server stopped, run pg_checksums --enable.",
            Optional.empty());
  }

  /** Empty for servers that cannot summarize. */
  private static Optional<Finding> summaries(Connection connection) throws SQLException {
    if (versionNum(connection) < PostgresServer.SUMMARIZING_MAJOR * 10_000) {
      return Optional.empty();
    }
    // Off is how servers come, and no fault.
    return Optional.of(
        setting(connection, "summarize_wal").equals("on")
            ? Finding.well(
                "summarize_wal", ADVICE, "summarize_wal is on: only what changed is read.")
            : new Finding(
                "summarize_wal",
                true,
                ADVICE,
                "summarize_wal is off: each backup reads everything.",
                Optional.of(SUMMARIZE_WAL)));
  }

  private Finding replicationConnects() {
    try (var connection = ReplicationConnection.open(server.address(), Progress.none())) {
      ReplicationConnection.SystemIdentity identity = connection.identifySystem();
      return Finding.well(
          "replication",
          REQUIRED,
          "Replication works; the system is " + identity.systemIdentifier() + ".");
    } catch (LifeboatException e) {
      return failed("replication", e);
    }
  }

  private static Finding failed(String id, LifeboatException e) {
    return new Finding(id, false, REQUIRED, e.getMessage() + ". " + e.hint(), Optional.empty());
  }

  private static boolean mayReplicate(Connection connection) throws SQLException {
    return PostgresServer.value(
            connection,
            "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user")
        .filter("t"::equals)
        .isPresent();
  }

  private static int versionNum(Connection connection) throws SQLException {
    return Integer.parseInt(setting(connection, "server_version_num"));
  }

  private static String setting(Connection connection, String name) throws SQLException {
    return PostgresServer.value(connection, "SELECT current_setting(?)", name).orElse("");
  }

  /** 150018 is 15.18; 90624 is 9.6. */
  private static String readable(int versionNum) {
    return versionNum >= 100_000
        ? versionNum / 10_000 + "." + versionNum % 10_000
        : versionNum / 10_000 + "." + versionNum / 100 % 100;
  }
}
