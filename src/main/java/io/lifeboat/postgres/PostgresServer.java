package io.lifeboat.postgres;

import io.lifeboat.error.LifeboatException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** A server that answers SQL. Holds no connection itself; thread-safe. */
public final class PostgresServer {
  /** The oldest major whose replication protocol Lifeboat speaks. */
  public static final int OLDEST_MAJOR = 15;

  /** The oldest major that can tell which blocks have changed. */
  public static final int SUMMARIZING_MAJOR = 17;

  private static final String SQL_TIMEOUT_SECONDS = "300";
  private final PostgresAddress address;

  /** The server at an address. */
  public PostgresServer(PostgresAddress address) {
    this.address = address;
  }

  /** Where it is. */
  public PostgresAddress address() {
    return address;
  }

  /** Work on one connection. */
  @FunctionalInterface
  public interface SqlWork<T> {
    /** Does it. */
    T run(Connection connection) throws SQLException;
  }

  /**
   * Runs our own work on a connection of its own, in auto-commit mode, with nothing of the
   * database's owner on the {@code search_path}: whoever may create objects in the database must
   * not be able to put theirs in our way.
   *
   * @throws io.lifeboat.error.LifeboatException {@code DATABASE_UNREACHABLE}, {@code
   *     DATABASE_DENIED} or {@code REPLICATION_CAPACITY_EXHAUSTED}
   */
  public <T> T sql(SqlWork<T> work) {
    return applicationSql(connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET search_path = pg_catalog, pg_temp");
      }
      return work.run(connection);
    });
  }

  /**
   * The same with the {@code search_path} of the role and the database, as applications have it.
   */
  public <T> T applicationSql(SqlWork<T> work) {
    Properties properties = address.driverProperties();
    properties.setProperty("socketTimeout", SQL_TIMEOUT_SECONDS);
    try (Connection connection = connect(properties)) {
      return work.run(connection);
    } catch (SQLException e) {
      throw ConnectionFailures.ofSql(address, e);
    }
  }

  /** SQL for an instant as ISO 8601 has it, in UTC, to the microsecond. */
  static String utc(String timestamp) {
    return "to_char(" + timestamp + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
  }

  /** What its clock says. */
  public Instant time() {
    String query = "SELECT " + utc("clock_timestamp()");
    return Instant.parse(sql(connection -> value(connection, query)).orElseThrow());
  }

  /**
   * A connection for work that may take hours, which the caller closes: nothing times out, and each
   * text is sent as it is, be it one statement or another language's braces and question marks.
   *
   * @throws io.lifeboat.error.LifeboatException as {@link #sql} does
   */
  public Connection open() {
    Properties properties = address.driverProperties();
    properties.setProperty("socketTimeout", "0");
    properties.setProperty("preferQueryMode", "simple");
    try {
      return connect(properties);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** What a failed statement means, if it is the server or the connection that failed it. */
  public LifeboatException failure(SQLException e) {
    return ConnectionFailures.ofSql(address, e);
  }

  private Connection connect(Properties properties) throws SQLException {
    Connection connection = new org.postgresql.Driver().connect(address.driverUrl(), properties);
    if (connection == null) {
      throw new IllegalStateException("The driver refuses its own URL");
    }
    return connection;
  }

  /** The first column of the first row, as text; empty if there is no row or it holds null. */
  public static Optional<String> value(Connection connection, String query, String... parameters)
      throws SQLException {
    List<List<String>> rows = rows(connection, query, parameters);
    return rows.isEmpty() || rows.getFirst().getFirst().isEmpty()
        ? Optional.empty()
        : Optional.of(rows.getFirst().getFirst());
  }

  /** All rows as texts; null becomes empty. */
  public static List<List<String>> rows(Connection connection, String query, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      var rows = new ArrayList<List<String>>();
      try (ResultSet results = statement.executeQuery()) {
        int columns = results.getMetaData().getColumnCount();
        while (results.next()) {
          var row = new ArrayList<String>(columns);
          for (int column = 1; column <= columns; column++) {
            String text = results.getString(column);
            row.add(text == null ? "" : text);
          }
          rows.add(row);
        }
      }
      return rows;
    }
  }
}
