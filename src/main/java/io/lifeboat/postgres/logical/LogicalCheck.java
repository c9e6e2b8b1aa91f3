package io.lifeboat.postgres.logical;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.Finding;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCheck;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether databases of a server can be dumped, asked without changing anything on it. */
public final class LogicalCheck {
  private static final int MOST_NAMES = 5;

  private final SourceConfig.Dump config;
  private final List<PostgresServer> databases;
  private final String searchPath;

  /**
   * A check.
   *
   * @param databases each of them, the one that the url names first
   * @param searchPath what the environment calls {@code PATH}
   */
  public LogicalCheck(SourceConfig.Dump config, List<PostgresServer> databases, String searchPath) {
    this.config = config;
    this.databases = List.copyOf(databases);
    this.searchPath = searchPath;
  }

  /** Looks at everything. What cannot be reached becomes a finding too; nothing is thrown. */
  public List<Finding> run() {
    var findings = new ArrayList<Finding>();
    for (PostgresServer database : databases) {
      try {
        findings.addAll(look(database));
      } catch (LifeboatException e) {
        findings.add(failed("connect", e));
      }
    }
    try {
      DumpProgram program = program();
      findings.add(
          Finding.well(
              "programs",
              REQUIRED,
              "pg_dump "
                  + program.programs().version()
                  + " is in "
                  + program.programs().folder()
                  + "."));
    } catch (LifeboatException e) {
      findings.add(failed("programs", e));
    }
    return List.copyOf(findings);
  }

  /**
   * Makes sure of what a dump cannot do without.
   *
   * @return the programs that can dump this server
   * @throws LifeboatException {@code PROGRAMS_MISSING}, {@code DATABASE_DENIED}, {@code
   *     DATABASE_TOO_OLD}, or what a connection's failure means
   */
  public DumpProgram requireReady() {
    DumpProgram program = program();
    for (PostgresServer database : databases) {
      for (Finding finding : look(database)) {
        if (!finding.ok() && finding.severity() == REQUIRED) {
          throw new PermanentException(
              ErrorCode.DATABASE_DENIED,
              finding.sentence(),
              finding.remedySql().map(sql -> "Run as a superuser: " + sql).orElse(""));
        }
      }
    }
    return program;
  }

  private DumpProgram program() {
    PostgresServer first = databases.getFirst();
    int major =
        first.sql(connection -> {
          int versionNum =
              Integer.parseInt(
                  PostgresServer.value(connection, "SELECT current_setting('server_version_num')")
                      .orElseThrow());
          SourceCheck.requireVersion(first.address(), versionNum);
          return versionNum / 10_000;
        });
    return DumpProgram.find(major, config.programs(), searchPath);
  }

  private static List<Finding> look(PostgresServer database) {
    String user = database.address().user();
    String where = "Role '" + user + "' in " + database.address().database();
    return database.sql(connection -> {
      var findings = new ArrayList<Finding>();
      findings.add(Finding.well("connect", REQUIRED, "SQL works as " + database.address() + "."));
      var catalog = new DatabaseCatalog(database, connection);
      findings.add(
          judged(
              "tables",
              catalog.unreadable(),
              where + " may read every table and sequence.",
              where + " may not read ",
              "GRANT pg_read_all_data TO " + Name.quoted(user) + ";"));
      findings.add(
          judged(
              "row_security",
              catalog.rowSecured(),
              where + " sees all rows.",
              where + " would see only some rows, by their policies, of ",
              "ALTER ROLE " + Name.quoted(user) + " BYPASSRLS;"));
      findings.add(passwords(connection));
      return findings;
    });
  }

  private static Finding judged(
      String id, List<String> names, String well, String ill, String remedy) {
    if (names.isEmpty()) {
      return Finding.well(id, REQUIRED, well);
    }
    String some = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
    String more = names.size() > MOST_NAMES ? " and " + (names.size() - MOST_NAMES) + " more" : "";
    return Finding.ill(id, REQUIRED, ill + some + more + ".", remedy);
  }

  private static Finding passwords(Connection connection) throws SQLException {
    // Managed servers let nobody read them: that is no mistake that could be mended.
    return Finding.well(
        "passwords",
        ADVICE,
        readsPasswords(connection)
            ? "Roles are dumped with their passwords."
            : "Roles are dumped without their passwords, which this role may not read.");
  }

  /** Whether the role may read what only superusers usually do. */
  public static boolean readsPasswords(Connection connection) throws SQLException {
    return PostgresServer.value(
            connection, "SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')")
        .filter("t"::equals)
        .isPresent();
  }

  private static Finding failed(String id, LifeboatException e) {
    return new Finding(id, false, REQUIRED, e.getMessage() + ". " + e.hint(), Optional.empty());
  }
}
