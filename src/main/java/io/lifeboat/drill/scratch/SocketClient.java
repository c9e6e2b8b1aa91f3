package io.lifeboat.drill.scratch;

import io.lifeboat.drill.scratch.PostgresScratch.Access;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGConnection;

/** Asks a server over its Unix socket, one connection for each question. */
final class SocketClient {
  private static final int MOST_ROWS = 1000;
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final String CONNECTION_LOST = "08006";

  private final Path socket;
  private final String user;

  SocketClient(Path socketFolder, String user) {
    this.socket = socketFolder.resolve(".s.PGSQL.5432");
    this.user = user;
  }

  SqlOutcome query(String database, String sql, Access access, Duration limit) {
    try (Connection connection = connect(database, access, limit);
        Statement statement = connection.createStatement()) {
      statement.setMaxRows(MOST_ROWS);
      boolean isRows = statement.execute(sql);
      List<List<Optional<String>>> rows = List.of();
      while (isRows || statement.getLargeUpdateCount() >= 0) {
        if (isRows) {
          try (ResultSet found = statement.getResultSet()) {
            rows = read(found);
          }
        }
        isRows = statement.getMoreResults();
      }
      return new SqlOutcome.Rows(rows);
    } catch (SQLException e) {
      String state = Optional.ofNullable(e.getSQLState()).orElse(CONNECTION_LOST);
      String message = Optional.ofNullable(e.getMessage()).orElse(e.toString());
      return new SqlOutcome.Refused(state, message.replaceAll("\\s*\\n\\s*", "; "));
    }
  }

  long copyOut(String database, String sql, OutputStream out) {
    try (Connection connection = connect(database, Access.OWN, Extraction.LIMIT)) {
      return connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, out);
    } catch (SQLException e) {
      throw Extraction.refused(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw Extraction.failed(e);
    }
  }

  private Connection connect(String database, Access access, Duration limit) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("socketFactory", "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
    properties.setProperty("socketFactoryArg", socket.toString());
    // Values arrive as text, as psql in a container prints them.
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("ApplicationName", "lifeboat drill");
    properties.setProperty(
        "options",
        SessionOptions.of(access, limit).stream()
            .map(option -> "-c " + option)
            .collect(java.util.stream.Collectors.joining(" ")));
    properties.setProperty("PGDBNAME", database);
    return DriverManager.getConnection("jdbc:postgresql://localhost/", properties);
  }

  private static List<List<Optional<String>>> read(ResultSet found) throws SQLException {
    List<List<Optional<String>>> rows = new ArrayList<>();
    int columns = found.getMetaData().getColumnCount();
    int characters = 0;
    while (characters < MOST_CHARACTERS && found.next()) {
      List<Optional<String>> row = new ArrayList<>();
      for (int column = 1; column <= columns; column++) {
        Optional<String> value = Optional.ofNullable(found.getString(column));
        characters += value.map(String::length).orElse(0);
        row.add(value);
      }
      rows.add(row);
    }
    return rows;
  }
}
