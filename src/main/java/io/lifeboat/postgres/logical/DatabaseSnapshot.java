package io.lifeboat.postgres.logical;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.TransientException;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.progress.Progress;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * One database as it was at one instant, for as long as this is open: a transaction whose snapshot
 * others may join, and which holds every table that is dumped against changes of its definition.
 * Readers and writers go on. For one thread.
 */
public final class DatabaseSnapshot implements AutoCloseable {
  private static final String LOCKED = "55P03"; // lock_not_available

  private final PostgresServer server;
  private final Patience patience;
  private final Connection connection;
  private final String id;

  /**
   * How long is waited.
   *
   * @param lock for a table, until the dump gives up
   */
  public record Patience(Duration lock) {
    /**
     * A reader of rows finds its table locked by us already: it waits only if somebody has queued
     * up for an exclusive lock, and all the application behind that one.
     */
    private static final Duration QUEUED = Duration.ofSeconds(2);

    Duration queued() {
      return lock.compareTo(QUEUED) < 0 ? lock : QUEUED;
    }
  }

  private DatabaseSnapshot(
      PostgresServer server, Patience patience, Connection connection, String id) {
    this.server = server;
    this.patience = patience;
    this.connection = connection;
    this.id = id;
  }

  /**
   * Takes the snapshot.
   *
   * @throws LifeboatException what the connection's failure means
   */
  public static DatabaseSnapshot take(PostgresServer server, Patience patience) {
    Connection connection = server.open();
    try {
      begin(connection, patience.lock());
      String id =
          PostgresServer.value(connection, "SELECT pg_catalog.pg_export_snapshot()").orElseThrow();
      return new DatabaseSnapshot(server, patience, connection, id);
    } catch (SQLException e) {
      throw closing(connection, server.failure(e));
    }
  }

  /** One more transaction that sees the same. The caller closes it. */
  Connection join() {
    Connection other = server.open();
    try (Statement statement = other.createStatement()) {
      begin(other, patience.queued());
      statement.execute("SET TRANSACTION SNAPSHOT " + Name.literal(id));
      return other;
    } catch (SQLException e) {
      throw closing(other, server.failure(e));
    }
  }

  /** As pg_dump sets its sessions, so that values come out the same on every server. */
  private static void begin(Connection connection, Duration lockTimeout) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String setting :
          List.of(
              "search_path = pg_catalog, pg_temp",
              "statement_timeout = 0",
              "idle_in_transaction_session_timeout = 0",
              "lock_timeout = " + lockTimeout.toMillis(),
              "row_security = off",
              "datestyle = 'ISO'",
              "intervalstyle = 'postgres'",
              "extra_float_digits = 3",
              "bytea_output = 'hex'",
              "synchronize_seqscans = off",
              "default_transaction_read_only = off")) {
        statement.execute("SET " + setting);
      }
      // Since 17; a server or a role may have set it.
      statement.execute(
          "SELECT set_config(name, '0', false) FROM pg_settings WHERE name ="
              + " 'transaction_timeout'");
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    }
  }

  private static LifeboatException closing(Connection connection, LifeboatException problem) {
    try {
      connection.close();
    } catch (SQLException e) {
      problem.addSuppressed(e);
    }
    return problem;
  }

  /**
   * Keeps the definitions of these tables as they are until this is closed.
   *
   * @throws LifeboatException {@code DUMP_FAILED} if one of them is locked, or has just changed
   */
  public void hold(List<DatabaseContents.Table> tables, Progress progress) {
    for (DatabaseContents.Table table : tables) {
      progress.checkCancelled();
      try (Statement statement = connection.createStatement()) {
        statement.execute("LOCK TABLE ONLY " + table.name().quoted() + " IN ACCESS SHARE MODE");
      } catch (SQLException e) {
        throw failure(table.name().toString(), e);
      }
    }
  }

  /** What it means that a table could not be read. */
  LifeboatException failure(String table, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return switch (state) {
      case LOCKED ->
          new TransientException(
              ErrorCode.DUMP_FAILED,
              "Table "
                  + table
                  + " of "
                  + server.address()
                  + " is locked, or a change of its definition waits for a lock; the dump gave up"
                  + " after at most "
                  + patience.lock(),
              "Take the backup when no migration, VACUUM FULL or CLUSTER runs, or raise"
                  + " dump.lockTimeout; pg_blocking_pids() says who waits for whom.",
              e);
      case "42P01", "3F000" ->
          new TransientException(
              ErrorCode.DUMP_FAILED,
              "Table " + table + " of " + server.address() + " was dropped as the dump began",
              "Take the backup again.",
              e);
      default -> {
        LifeboatException meaning = server.failure(e);
        yield meaning.code() == ErrorCode.INTERNAL
            ? new TransientException(
                ErrorCode.DUMP_FAILED,
                "Table "
                    + table
                    + " of "
                    + server.address()
                    + " cannot be read: "
                    + state
                    + ": "
                    + e.getMessage(),
                "If the table is damaged, mend it first; otherwise take the backup again.",
                e)
            : meaning;
      }
    };
  }

  /** What is in it. */
  public DatabaseCatalog catalog() {
    return new DatabaseCatalog(server, connection);
  }

  /** Writes the definitions of one section. */
  public void definitions(
      DumpProgram program, String section, DumpProgram.Sink sink, Progress progress) {
    program.definitions(server.address(), section, id, patience, sink, progress);
  }

  /** Which it is. */
  public String database() {
    return server.address().database();
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
