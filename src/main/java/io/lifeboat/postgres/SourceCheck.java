package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a server can be backed up, asked without changing anything on it. */
public final class SourceCheck {
  private static final Duration SPEED_TIME = Duration.ofSeconds(2);

  private final PostgresServer server;
  private final Duration speedTime;

  /** A check of this server, which takes some two seconds. */
  public SourceCheck(PostgresServer server) {
    this(server, SPEED_TIME);
  }

  SourceCheck(PostgresServer server, Duration speedTime) {
    this.server = server;
    this.speedTime = speedTime;
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
    findings.add(speed());
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
            "Run as a superuser, then restart the server: " + SettingFindings.RAISE_WAL_LEVEL);
      }
      return true;
    });
  }

  /** What lets a server tell which blocks have changed, as a superuser. */
  public static final String SUMMARIZE_WAL =
      "ALTER SYSTEM SET summarize_wal = 'on'; SELECT pg_reload_conf();";

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
    Finding version = version(connection);
    findings.add(version);
    if (!version.ok()) {
      return; // An older server may not understand the other questions.
    }
    findings.add(support(connection));
    findings.add(role(connection));
    findings.addAll(new SettingFindings(connection).run());
    findings.addAll(new RightFindings(connection, server.address().user()).run());
    findings.addAll(new ContentFindings(connection).run());
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

  private static Finding support(Connection connection) throws SQLException {
    LocalDate today =
        LocalDate.parse(
            PostgresServer.value(connection, "SELECT to_char(current_date, 'YYYY-MM-DD')")
                .orElseThrow());
    return ServerSupport.finding(versionNum(connection) / 10_000, today);
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

  /** On a connection of its own, which the measurement leaves with a timeout. */
  private Finding speed() {
    try {
      return server.sql(connection -> {
        long clusterBytes = ContentFindings.sizeBytes(connection);
        long bytesPerSecond = LinkSpeed.bytesPerSecond(connection, speedTime);
        return new Finding(
            "speed",
            bytesPerSecond > 0,
            ADVICE,
            LinkSpeed.sentence(bytesPerSecond, clusterBytes),
            Optional.empty());
      });
    } catch (LifeboatException e) {
      return new Finding(
          "speed",
          false,
          ADVICE,
          "The speed is unknown: " + e.getMessage() + ".",
          Optional.empty());
    }
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
