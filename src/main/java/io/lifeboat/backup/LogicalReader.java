package io.lifeboat.backup;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.logical.DatabaseSnapshot;
import io.lifeboat.postgres.logical.DumpProgram;
import io.lifeboat.postgres.logical.LogicalCheck;
import io.lifeboat.postgres.logical.LogicalFacts;
import io.lifeboat.postgres.logical.LogicalLayout;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.SnapshotWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Dumps databases of a PostgreSQL server, each as it was at one instant; nothing is written to disk
 * on the way. {@link LogicalLayout} says what the snapshot's tree has.
 */
final class LogicalReader implements SourceReader {
  private final SourceConfig.Dump config;
  private final List<PostgresServer> databases;
  private final LogicalCheck check;
  private final Instant started;
  private Optional<DumpProgram> program = Optional.empty();

  LogicalReader(SourceConfig.Postgres config, String searchPath, Instant started) {
    this.config = config.dumping();
    this.databases = databases(config);
    this.check = new LogicalCheck(this.config, databases, searchPath);
    this.started = started;
  }

  /** The databases that a source's configuration names. */
  private static List<PostgresServer> databases(SourceConfig.Postgres config) {
    return PostgresAddress.databasesOf(config).stream().map(PostgresServer::new).toList();
  }

  @Override
  public String type() {
    return LogicalLayout.TYPE;
  }

  @Override
  public void check() {
    program = Optional.of(check.requireReady());
  }

  @Override
  public Read read(SnapshotWriter writer, Progress progress) {
    DumpProgram dump = program.orElseThrow();
    var tree = new DumpTree(writer, new Attributes(0600, 0, 0, "", "", started), progress::advance);
    List<String> warnings = new ArrayList<>();
    List<LogicalFacts.Database> facts = new ArrayList<>();
    tree.file(LogicalLayout.readme().getBytes(StandardCharsets.UTF_8), LogicalLayout.README);
    progress.phase("globals");
    boolean passwords = databases.getFirst().sql(LogicalCheck::readsPasswords);
    if (!passwords) {
      warnings.add(
          "Roles are dumped without their passwords, which "
              + databases.getFirst().address()
              + " may not read");
    }
    DumpTree.OpenFile file = tree.open(LogicalLayout.CLUSTER, LogicalLayout.GLOBALS);
    dump.globals(databases.getFirst().address(), passwords, file::write, progress);
    file.finish();
    for (PostgresServer database : databases) {
      progress.phase("inspect");
      var patience = new DatabaseSnapshot.Patience(config.lockPatience());
      try (DatabaseSnapshot snapshot = DatabaseSnapshot.take(database, patience)) {
        facts.add(
            new DatabaseDump(snapshot, dump, config.parallel(), tree, warnings).run(progress));
      }
    }
    writer.endContents();
    warnings.forEach(progress::event);
    return new Read(
        facts(dump, passwords, facts, warnings).toJson(),
        tree.root(),
        new SnapshotWriter.Totals(tree.bytes(), tree.files()),
        tree.bytes(),
        tree.files(),
        warnings,
        Optional.empty(),
        Optional.empty());
  }

  private LogicalFacts facts(
      DumpProgram dump,
      boolean passwords,
      List<LogicalFacts.Database> facts,
      List<String> warnings) {
    List<String> server =
        databases
            .getFirst()
            .sql(connection ->
                PostgresServer.rows(
                    connection, "SELECT current_setting('server_version_num'), version()"))
            .getFirst();
    return LogicalFacts.of(
        new LogicalFacts.Server(
            Integer.parseInt(server.get(0)), server.get(1), dump.programs().version()),
        passwords,
        facts,
        warnings);
  }

  @Override
  public void committed() {
    // Nothing is kept between runs: a dump reads everything.
  }

  @Override
  public void close() {
    // Nothing is held between the calls.
  }
}
