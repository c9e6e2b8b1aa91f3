package io.lifeboat.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lifeboat.postgres.logical.DatabaseCatalog;
import io.lifeboat.postgres.logical.DatabaseContents;
import io.lifeboat.postgres.logical.DatabaseSnapshot;
import io.lifeboat.postgres.logical.DumpProgram;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.postgres.logical.Name;
import io.lifeboat.postgres.logical.ParallelRows;
import io.lifeboat.progress.Progress;
import java.util.ArrayList;
import java.util.List;

/** Writes one database into a snapshot's tree. For one thread, once. */
final class DatabaseDump {
  private final DatabaseSnapshot snapshot;
  private final DumpProgram program;
  private final int jobs;
  private final DumpTree tree;
  private final List<String> warnings;
  private final DatabaseCatalog catalog;
  private final List<DatabaseContents.Table> tables;
  private final String folder;

  /** What of a table was written. */
  private static final class Written {
    private int parts;
    private long rows;
  }

  DatabaseDump(
      DatabaseSnapshot snapshot,
      DumpProgram program,
      int jobs,
      DumpTree tree,
      List<String> warnings) {
    this.snapshot = snapshot;
    this.program = program;
    this.jobs = jobs;
    this.tree = tree;
    this.warnings = warnings;
    this.catalog = snapshot.catalog();
    this.tables = catalog.tables();
    this.folder = LogicalLayout.folder(snapshot.database());
  }

  /** Writes it; answers its facts. */
  LogicalFacts.Database run(Progress progress) {
    snapshot.hold(tables, progress);
    List<Long> sizes = catalog.sizes();
    progress.expect(sizes.stream().mapToLong(Long::longValue).sum());
    progress.phase("definitions");
    definitions("pre-data", LogicalLayout.PRE_DATA, progress);
    long largeObjects = largeObjects();
    progress.phase("rows");
    List<Written> written = rows(sizes, largeObjects > 0, progress);
    progress.phase("constraints");
    definitions("post-data", LogicalLayout.POST_DATA, progress);
    var contents = new DatabaseContents(tables(written), catalog.sequences(), largeObjects);
    writeScripts(contents, written.getLast().parts);
    write(contents.toJson(), LogicalLayout.CONTENTS);
    warnings.addAll(catalog.leftOut());
    return catalog.facts(
        folder,
        contents.tables().size(),
        contents.tables().stream().mapToLong(DatabaseContents.Rows::rows).sum());
  }

  private void definitions(String section, String name, Progress progress) {
    DumpTree.OpenFile file = tree.open(LogicalLayout.DATABASES, folder, name);
    snapshot.definitions(program, section, file::write, progress);
    file.finish();
  }

  private long largeObjects() {
    DumpTree.OpenFile file =
        tree.open(LogicalLayout.DATABASES, folder, LogicalLayout.LARGE_OBJECTS);
    catalog.largeObjects(statements -> {
      byte[] bytes = (statements + "\n").getBytes(UTF_8);
      file.write(bytes, 0, bytes.length);
    });
    file.finish();
    return catalog.largeObjects();
  }

  /** One for each table, and one more for the contents of large objects. */
  private List<Written> rows(List<Long> sizes, boolean hasLargeObjects, Progress progress) {
    List<Written> written = new ArrayList<>();
    List<ParallelRows.Reading> readings = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      DatabaseContents.Table table = tables.get(i);
      readings.add(
          new ParallelRows.Reading(i, table.name().toString(), table.copyOut(), sizes.get(i)));
      written.add(new Written());
    }
    written.add(new Written());
    if (hasLargeObjects) {
      readings.add(ParallelRows.largeObjects(tables.size()));
    }
    try (var reading = new ParallelRows(snapshot, readings, jobs)) {
      while (true) {
        switch (reading.next(progress)) {
          case ParallelRows.Event.Part part -> write(part, written.get(part.number()));
          case ParallelRows.Event.Whole whole -> written.get(whole.number()).rows = whole.rows();
          case ParallelRows.Event.Failed failed -> throw failed.problem();
          case ParallelRows.Event.End end -> {
            return written;
          }
        }
      }
    }
  }

  private void write(ParallelRows.Event.Part part, Written of) {
    of.parts++;
    tree.file(
        part.bytes(),
        part.lengthBytes(),
        part.alone(),
        LogicalLayout.DATABASES,
        folder,
        LogicalLayout.ROWS,
        rowsFolder(part.number()),
        LogicalLayout.part(of.parts));
  }

  private String rowsFolder(int number) {
    return number == tables.size()
        ? LogicalLayout.LARGE_OBJECT_ROWS
        : LogicalLayout.number(number + 1);
  }

  private List<DatabaseContents.Rows> tables(List<Written> written) {
    List<DatabaseContents.Rows> all = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      Written of = written.get(i);
      all.add(new DatabaseContents.Rows(tables.get(i), rowsFolder(i), of.rows, of.parts));
    }
    return all;
  }

  private void writeScripts(DatabaseContents contents, int largeObjectParts) {
    var sequences = new StringBuilder();
    contents.sequences().forEach(one -> sequences.append(one.restore()).append('\n'));
    write(sequences.toString().getBytes(UTF_8), LogicalLayout.SEQUENCES);
    var rows =
        new StringBuilder(
            """
            -- For psql, in this folder. Rows were written in UTF-8.
            \\set ON_ERROR_STOP on
            SET client_encoding = 'UTF8';
            SET standard_conforming_strings = on;
            SET row_security = off;
            SELECT pg_catalog.set_config('search_path', '', false);
            """);
    contents.tables().forEach(table -> appendCopies(rows, table));
    if (largeObjectParts > 0) {
      rows.append("CREATE TEMPORARY TABLE lifeboat_objects (loid oid, at bigint, data bytea);\n");
      for (int part = 1; part <= largeObjectParts; part++) {
        rows.append("\\copy pg_temp.lifeboat_objects FROM ")
            .append(file(LogicalLayout.LARGE_OBJECT_ROWS, part))
            .append('\n');
      }
      rows.append(
          """
          SELECT count(pg_catalog.lo_put(loid, at, data)) FROM pg_temp.lifeboat_objects;
          """);
    }
    write(rows.toString().getBytes(UTF_8), LogicalLayout.ROWS_SCRIPT);
  }

  /** What psql copies must be told in one line: a name that has two is another one meanwhile. */
  private static void appendCopies(StringBuilder rows, DatabaseContents.Rows table) {
    DatabaseContents.Table of = table.table();
    Name name = of.target();
    Name meanwhile = new Name(name.schema(), "lifeboat_rows");
    boolean renamed = name.name().lines().count() > 1;
    String start = "ALTER TABLE ";
    if (renamed) {
      rows.append(start + name.quoted() + " RENAME TO " + Name.quoted(meanwhile.name()) + ";\n");
    }
    for (int part = 1; part <= table.parts(); part++) {
      rows.append('\\')
          .append(of.loadedInto(renamed ? meanwhile : name).copyIn(file(table.folder(), part)))
          .append('\n');
    }
    if (renamed) {
      rows.append(start + meanwhile.quoted() + " RENAME TO " + Name.quoted(name.name()) + ";\n");
    }
  }

  private static String file(String rowsFolder, int part) {
    return "'" + LogicalLayout.ROWS + "/" + rowsFolder + "/" + LogicalLayout.part(part) + "'";
  }

  private void write(byte[] content, String name) {
    tree.file(content, LogicalLayout.DATABASES, folder, name);
  }
}
