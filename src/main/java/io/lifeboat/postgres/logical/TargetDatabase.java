package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A database that a dump is loaded into. Holds no connection; thread-safe. */
public final class TargetDatabase {
  private static final String MAINTENANCE = "postgres";
  private static final int MOST_NAMES = 10;

  private final PostgresServer server;

  /** The database at this address, which need not exist yet. */
  public TargetDatabase(PostgresAddress address) {
    this.server = new PostgresServer(address);
  }

  PostgresServer server() {
    return server;
  }

  /** The server, where there is always something to connect to. */
  PostgresServer maintenance() {
    return new PostgresServer(server.address().withDatabase(MAINTENANCE));
  }

  /**
   * Creates it as the source was.
   *
   * @throws LifeboatException {@code TARGET_NOT_EMPTY} if it exists, {@code TARGET_UNSUITABLE} if
   *     the server cannot make one like it
   */
  public void create(LogicalFacts.Database facts) {
    LogicalFacts.Properties properties = facts.properties();
    var sql = new StringBuilder("CREATE DATABASE ");
    sql.append(Name.quoted(server.address().database()))
        .append(" TEMPLATE template0 ENCODING ")
        .append(Name.literal(properties.encoding()))
        .append(" LC_COLLATE ")
        .append(Name.literal(properties.collation()))
        .append(" LC_CTYPE ")
        .append(Name.literal(properties.ctype()));
    switch (properties.provider()) {
      case "i" -> sql.append(" LOCALE_PROVIDER icu");
      case "b" -> sql.append(" LOCALE_PROVIDER builtin");
      default -> sql.append(" LOCALE_PROVIDER libc");
    }
    String option = properties.provider().equals("i") ? " ICU_LOCALE " : " BUILTIN_LOCALE ";
    properties.locale().ifPresent(name -> sql.append(option).append(Name.literal(name)));
    try (Connection connection = maintenance().open();
        Statement statement = connection.createStatement()) {
      statement.execute(sql.toString());
    } catch (SQLException e) {
      throw "42P04".equals(e.getSQLState())
          ? new PermanentException(
              ErrorCode.TARGET_NOT_EMPTY,
              "Database " + server.address() + " exists",
              "Name a database that does not, or leave --create out if that one is empty.",
              e)
          : refused("Database " + server.address() + " cannot be created", e);
    }
  }

  /**
   * Statements that give it what {@code ALTER DATABASE … SET} had set at the source.
   *
   * @param roles whether also what was set for single roles
   */
  List<String> settings(LogicalFacts.Database facts, boolean roles) {
    String database = Name.quoted(server.address().database());
    return facts.settings().stream()
        .filter(setting -> roles || setting.role().isEmpty())
        .map(setting ->
            setting
                    .role()
                    .map(role -> "ALTER ROLE " + Name.quoted(role) + " IN DATABASE " + database)
                    .orElse("ALTER DATABASE " + database)
                + " SET "
                + Name.quoted(setting.name())
                + " = "
                + value(setting))
        .toList();
  }

  /** Lists of names are kept as they were written, with their quotes. */
  private static String value(LogicalFacts.Setting setting) {
    return switch (setting.name()) {
      case "search_path",
          "temp_tablespaces",
          "local_preload_libraries",
          "session_preload_libraries" ->
          setting.value().isEmpty() ? "''" : setting.value();
      default -> Name.literal(setting.value());
    };
  }

  /**
   * Makes sure that nothing of anybody's is in it, and that the server has what the dump needs.
   *
   * @param owners whether its roles are needed
   * @throws LifeboatException {@code TARGET_NOT_EMPTY}, or {@code TARGET_UNSUITABLE} with what is
   *     missing
   */
  public void requireReady(LogicalFacts.Database facts, boolean owners) {
    List<List<String>> found =
        server.sql(connection ->
            PostgresServer.rows(
                connection,
                "SELECT n.nspname || '.' || c.relname FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
                    + " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
                    + " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid"
                    + " AND d.classid = 'pg_class'::regclass AND d.deptype = 'e') ORDER BY 1"));
    if (!found.isEmpty()) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          "Database " + server.address() + " is not empty: it has " + names(found),
          "Name an empty database, or a new one with --create; nothing was touched.");
    }
    requireExtensions(facts);
    if (owners) {
      requireRoles(facts);
    }
  }

  private void requireExtensions(LogicalFacts.Database facts) {
    Set<String> available = firsts(server, "SELECT name FROM pg_available_extensions");
    var missing = new ArrayList<List<String>>();
    facts.extensions().stream()
        .filter(extension -> !available.contains(extension.name()))
        .forEach(extension -> missing.add(List.of(extension.name() + " " + extension.version())));
    if (!missing.isEmpty()) {
      throw new PermanentException(
          ErrorCode.TARGET_UNSUITABLE,
          "The server of " + server.address() + " does not have the extensions " + names(missing),
          "Install them there, then load again; nothing was loaded.");
    }
  }

  private void requireRoles(LogicalFacts.Database facts) {
    Set<String> there = roles();
    List<List<String>> missing =
        facts.roles().stream().filter(role -> !there.contains(role)).map(List::of).toList();
    if (!missing.isEmpty()) {
      throw new PermanentException(
          ErrorCode.TARGET_UNSUITABLE,
          "The server of " + server.address() + " does not have the roles " + names(missing),
          "Add --globals to create them as the source had them, or --no-owner to load everything"
              + " as your own; nothing was loaded.");
    }
  }

  /** The roles that the server has. */
  Set<String> roles() {
    return firsts(maintenance(), "SELECT rolname FROM pg_roles");
  }

  private static Set<String> firsts(PostgresServer server, String query) {
    var names = new HashSet<String>();
    server
        .sql(connection -> PostgresServer.rows(connection, query))
        .forEach(row -> names.add(row.getFirst()));
    return names;
  }

  private static String names(List<List<String>> rows) {
    List<String> first = rows.stream().limit(MOST_NAMES).map(List::getFirst).toList();
    return String.join(", ", first)
        + (rows.size() > MOST_NAMES ? " and " + (rows.size() - MOST_NAMES) + " more" : "");
  }

  private static PermanentException refused(String what, SQLException e) {
    return new PermanentException(
        ErrorCode.TARGET_UNSUITABLE,
        what + ": " + e.getSQLState() + ": " + e.getMessage(),
        "Create it yourself as it should be, and load without --create.",
        e);
  }
}
