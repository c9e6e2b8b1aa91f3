package io.lifeboat.postgres.logical;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** One connection to a target. For one thread, but {@link #cancel} may be called by any. */
final class LoadSession implements AutoCloseable {
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final String OBJECTS = "pg_temp.lifeboat_large_objects";

  private final PostgresServer server;
  private final Connection connection;
  private boolean hasObjects;

  private LoadSession(PostgresServer server, Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  /**
   * Connects.
   *
   * @throws LifeboatException what the connection's failure means
   */
  static LoadSession open(PostgresServer server) {
    var session = new LoadSession(server, server.open());
    try {
      for (String setting :
          List.of(
              "SET search_path = ''",
              "SET statement_timeout = 0",
              "SET lock_timeout = 0",
              "SET idle_in_transaction_session_timeout = 0",
              "SET row_security = off",
              "SET client_min_messages = warning",
              "SET standard_conforming_strings = on",
              "SET default_transaction_read_only = off",
              // Checks that call functions of the dump expect that these were checked before.
              "SET check_function_bodies = off",
              "SET datestyle = 'ISO'",
              "SET intervalstyle = 'postgres'")) {
        session.execute(setting);
      }
      return session;
    } catch (SQLException e) {
      LifeboatException problem = server.failure(e);
      try {
        session.connection.close();
      } catch (SQLException again) {
        problem.addSuppressed(again);
      }
      throw problem;
    }
  }

  /** Runs one statement as it is. */
  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  /** One number. */
  long number(String query) throws SQLException {
    return Long.parseLong(PostgresServer.value(connection, query).orElseThrow());
  }

  /** All rows as texts. */
  List<List<String>> rows(String query) throws SQLException {
    return PostgresServer.rows(connection, query);
  }

  /** Feeds a {@code COPY … FROM STDIN}; answers how many rows the server took. */
  long copy(String sql, byte[] bytes, int lengthBytes) throws SQLException {
    CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
    try {
      for (int at = 0; at < lengthBytes; at += MESSAGE_BYTES) {
        copy.writeToCopy(bytes, at, Math.min(MESSAGE_BYTES, lengthBytes - at));
      }
      return copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  /** Writes contents of large objects that are there. */
  void largeObjects(byte[] bytes, int lengthBytes) throws SQLException {
    if (!hasObjects) {
      execute("CREATE TEMPORARY TABLE lifeboat_large_objects (loid oid, at bigint, data bytea)");
      hasObjects = true;
    }
    copy("COPY " + OBJECTS + " FROM STDIN", bytes, lengthBytes);
    execute("SELECT pg_catalog.lo_put(loid, at, data) FROM " + OBJECTS);
    execute("TRUNCATE " + OBJECTS);
  }

  /** Asks the server to end what it is doing for this session. */
  void cancel() {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      throw server.failure(e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw server.failure(e);
    }
  }
}
