package io.lifeboat.drill;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresServer;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Makes a table on a server that runs, with the rows that something writes; all of it or nothing.
 */
final class TableLoad {
  private static final String IS_THERE = "42P07";

  private final ObjectDestination.Server destination;

  TableLoad(ObjectDestination.Server destination) {
    this.destination = destination;
  }

  /**
   * Refuses to touch what is there.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY}
   */
  void requireAbsent() {
    boolean there =
        new PostgresServer(destination.address())
            .sql(connection -> {
              try (Statement statement = connection.createStatement();
                  ResultSet found =
                      statement.executeQuery(
                          "SELECT to_regclass("
                              + TableName.literal(destination.name().quoted())
                              + ") IS NOT NULL")) {
                return found.next() && found.getBoolean(1);
              }
            });
    if (there) {
      throw taken();
    }
  }

  private PermanentException taken() {
    return new PermanentException(
        ErrorCode.TARGET_NOT_EMPTY,
        "There is a table " + destination.name() + " already",
        "Give another name with --as, or `as` in a request; nothing is ever written over a table.");
  }

  /**
   * Loads it.
   *
   * @param definition its columns, as between the parentheses of {@code CREATE TABLE}
   * @param rows writes them, in the text format of COPY
   * @return how many there are
   */
  long run(String definition, Consumer<OutputStream> rows) {
    return new PostgresServer(destination.address())
        .sql(connection -> {
          connection.setAutoCommit(false);
          create(connection, definition);
          CopyIn copy =
              connection
                  .unwrap(PGConnection.class)
                  .getCopyAPI()
                  .copyIn("COPY " + destination.name().quoted() + " FROM STDIN");
          try {
            rows.accept(new Lines(copy));
            long count = copy.endCopy();
            connection.commit();
            return count;
          } finally {
            if (copy.isActive()) {
              copy.cancelCopy();
            }
          }
        });
  }

  private void create(Connection connection, String definition) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + destination.name().quoted() + " (" + definition + ")");
    } catch (SQLException e) {
      if (IS_THERE.equals(e.getSQLState())) {
        throw taken();
      }
      throw new PermanentException(
          ErrorCode.DATABASE_DENIED,
          "The table " + destination.name() + " cannot be made: " + e.getMessage(),
          "Let "
              + destination.address().user()
              + " create tables in that schema, and let there be the types that its columns have;"
              + " or bring the table back as a file.",
          e);
    }
  }

  /** What is written goes to the server at once. */
  private static final class Lines extends OutputStream {
    private final CopyIn copy;

    Lines(CopyIn copy) {
      this.copy = copy;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        copy.writeToCopy(bytes, offset, length);
      } catch (SQLException e) {
        throw new IOException("The server took no more rows: " + e.getMessage(), e);
      }
    }
  }
}
