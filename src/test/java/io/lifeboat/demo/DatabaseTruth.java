package io.lifeboat.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in a database: for each table how many rows and one digest over all of them, so that no
 * row can be changed, missing, new or twice without a difference; and the definitions of tables,
 * indexes and constraints.
 *
 * @param tables by schema and name
 */
public record DatabaseTruth(Map<String, Rows> tables, List<String> definitions) {
  /** Copies the collections. */
  public DatabaseTruth {
    tables = Map.copyOf(tables);
    definitions = List.copyOf(definitions);
  }

  /** A table's rows. */
  record Rows(long count, String digest) {}

  private static final String TABLES =
      """
      SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')\
      """;

  private static final String DEFINITIONS =
      """
      SELECT format('column %s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attstorage)
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE relkind = 'r' AND attnum > 0 AND relnamespace <> ALL ('{pg_catalog,information_schema}'::regnamespace[])
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
      UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace <> ALL ('{pg_catalog,information_schema}'::regnamespace[])
      UNION ALL SELECT format('role %s %s %s', rolname, rolcanlogin, rolreplication) FROM pg_roles
      ORDER BY 1\
      """;

  /** The rows as a multiset: each row's digest, sorted, digested. */
  private static final String ROWS =
      "SELECT count(*), coalesce(md5(string_agg(row_md5, '' ORDER BY row_md5)), '')"
          + " FROM (SELECT md5(t::text) AS row_md5 FROM ONLY %s t) hashed";

  /** Reads everything. */
  public static DatabaseTruth of(DemoServer server, String database) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      var tables = new TreeMap<String, Rows>();
      for (String table : column(statement, TABLES)) {
        try (ResultSet row = statement.executeQuery(ROWS.formatted(table))) {
          row.next();
          tables.put(table, new Rows(row.getLong(1), row.getString(2)));
        }
      }
      return new DatabaseTruth(tables, column(statement, DEFINITIONS));
    }
  }

  private static List<String> column(Statement statement, String query) throws SQLException {
    var values = new ArrayList<String>();
    try (ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  /** All rows of all tables. */
  public long rows() {
    return tables.values().stream().mapToLong(Rows::count).sum();
  }

  /** How another one differs, as sentences. */
  public List<String> differences(DatabaseTruth other) {
    var found = new ArrayList<String>();
    new TreeMap<>(tables)
        .forEach((table, rows) -> {
          Rows others = other.tables.get(table);
          if (others == null) {
            found.add("table " + table + " is missing");
          } else if (others.count() != rows.count()) {
            found.add(
                "table " + table + " has " + others.count() + " rows instead of " + rows.count());
          } else if (!others.digest().equals(rows.digest())) {
            found.add("table " + table + " has other rows");
          }
        });
    other.tables.keySet().stream()
        .filter(table -> !tables.containsKey(table))
        .forEach(table -> found.add("table " + table + " was not there before"));
    if (!definitions.equals(other.definitions)) {
      found.add("columns, indexes, constraints or roles are defined differently");
    }
    return found;
  }
}
