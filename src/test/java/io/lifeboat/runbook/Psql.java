package io.lifeboat.runbook;

import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Stands in for {@code psql}, which the embedded programs lack: the few options that the runbooks
 * use, one query, the answer as {@code psql -At} prints it.
 */
public final class Psql {
  private Psql() {}

  /** Runs the query of {@code -c}; ends with 1 if it fails. */
  public static void main(String[] arguments) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "-h", "-p", "-U", "-d", "-v", "-c" -> options.put(arguments[i], arguments[++i]);
        case "-At" -> options.put("-At", "");
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    var properties = new Properties();
    properties.setProperty("user", options.get("-U"));
    properties.setProperty("password", System.getenv("PGPASSWORD"));
    String url =
        "jdbc:postgresql://%s:%s/%s"
            .formatted(options.get("-h"), options.get("-p"), options.get("-d"));
    try (var connection = DriverManager.getConnection(url, properties);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(options.get("-c"))) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(rows.getString(i)));
        }
        System.out.println(String.join("|", row));
      }
    } catch (SQLException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
