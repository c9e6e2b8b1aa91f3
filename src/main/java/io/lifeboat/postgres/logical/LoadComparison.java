package io.lifeboat.postgres.logical;

import io.lifeboat.postgres.ClusterFacts.Extension;
import io.lifeboat.postgres.logical.DatabaseContents.Rows;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts what is in a database after a load. For one thread. */
final class LoadComparison {
  private final LoadSession session;
  private final DatabaseContents contents;
  private final Map<Name, Long> taken;
  private long rows;

  /**
   * A comparison.
   *
   * @param taken how many rows the server took for each table that rows were loaded into
   */
  LoadComparison(LoadSession session, DatabaseContents contents, Map<Name, Long> taken) {
    this.session = session;
    this.contents = contents;
    this.taken = taken;
  }

  long tables() {
    return contents.tables().size();
  }

  long rows() {
    return rows;
  }

  /** A sentence for each table that has other rows than were dumped. */
  List<String> differences() throws SQLException {
    var expected = new LinkedHashMap<Name, Long>();
    var shared = new HashMap<Name, Boolean>();
    for (Rows table : contents.tables()) {
      expected.merge(table.table().target(), table.rows(), Long::sum);
      // An extension has put rows of its own into its tables: there only what was loaded counts.
      shared.put(table.table().target(), table.table().filter().isPresent());
    }
    var differences = new ArrayList<String>();
    for (var table : expected.entrySet()) {
      long found =
          Boolean.TRUE.equals(shared.get(table.getKey()))
              ? taken.getOrDefault(table.getKey(), 0L)
              : count(table.getKey());
      rows += found;
      if (found != table.getValue()) {
        differences.add(
            table.getKey() + " has " + found + " rows, dumped were " + table.getValue());
      }
    }
    long objects = session.number("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata");
    if (objects != contents.largeObjects()) {
      differences.add(
          "there are " + objects + " large objects, dumped were " + contents.largeObjects());
    }
    return differences;
  }

  /** A root of partitions has its rows in them, any other table in itself alone. */
  private long count(Name table) throws SQLException {
    boolean root =
        contents.tables().stream()
            .anyMatch(one -> one.table().root().filter(table::equals).isPresent());
    return session.number(
        "SELECT pg_catalog.count(*) FROM " + (root ? "" : "ONLY ") + table.quoted());
  }

  /** Extensions that are there in another version than the source had. */
  List<String> otherExtensions(LogicalFacts.Database facts) throws SQLException {
    var there = new HashMap<String, String>();
    session
        .rows("SELECT extname, extversion FROM pg_catalog.pg_extension")
        .forEach(row -> there.put(row.get(0), row.get(1)));
    var notes = new ArrayList<String>();
    for (Extension extension : facts.extensions()) {
      String version = there.getOrDefault(extension.name(), "");
      if (!version.equals(extension.version())) {
        notes.add(
            "Extension "
                + extension.name()
                + (version.isEmpty() ? " is missing" : " has version " + version)
                + "; the source had "
                + extension.version());
      }
    }
    return notes;
  }
}
