package io.lifeboat.app;

import io.lifeboat.config.Secret;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.logical.LoadOutcome;
import io.lifeboat.postgres.logical.TargetDatabase;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.DatabaseTarget;
import io.lifeboat.restore.LoadEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat load}. */
final class LoadCommand implements Command {
  private static final String PASSWORD = "PGPASSWORD";
  private static final String JOBS = "2";

  @Override
  public String name() {
    return "load";
  }

  @Override
  public String help() {
    return "load a dumped database into an empty or a new one, and compare the rows";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    parser
        .addArgument("--into")
        .metavar("URL")
        .required(true)
        .help("postgresql://user@host:port/database; its password in the variable " + PASSWORD);
    parser
        .addArgument("--database")
        .metavar("NAME")
        .help("which database of the snapshot; its first, unless it is named");
    parser
        .addArgument("--create")
        .action(Arguments.storeTrue())
        .help("create the database first, with the encoding and locale of the source");
    parser
        .addArgument("--globals")
        .action(Arguments.storeTrue())
        .help("create the source's roles first that the server does not have");
    parser
        .addArgument("--no-owner")
        .action(Arguments.storeTrue())
        .help("leave owners and grants out: everything belongs to who loads it");
    parser
        .addArgument("--jobs")
        .metavar("N")
        .setDefault(JOBS)
        .help("how many parts of rows are loaded at once; " + JOBS + ", unless it is said");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    PostgresAddress address = address(session);
    var options =
        new DatabaseTarget.Options(
            session.flag("create"),
            session.flag("globals"),
            !session.flag("no_owner"),
            jobs(session.text("jobs")));
    Instant started = session.clock().instant();
    String snapshot;
    LoadOutcome outcome;
    try (SnapshotReader reader =
        session.engines().read(session.text("source"), session.snapshot())) {
      snapshot = reader.root().info().id();
      outcome =
          new LoadEngine()
              .load(
                  reader,
                  session.optional("database"),
                  new TargetDatabase(address),
                  options,
                  session.progress());
    }
    answer(session, snapshot, address, outcome, started);
    return 0;
  }

  private static void answer(
      Session session,
      String snapshot,
      PostgresAddress address,
      LoadOutcome outcome,
      Instant started) {
    Duration took = Duration.between(started, session.clock().instant());
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", session.operation());
    document.put("snapshot", snapshot);
    document.put("database", address.toString());
    document.put("tables", outcome.tables());
    document.put("rows", outcome.rows());
    document.put("sequences", outcome.sequences());
    document.put("seconds", took.toMillis() / 1000.0);
    document.put("notes", outcome.notes());
    Output output = session.output();
    output.answer(
        document,
        () -> {
          output.line(
              "Loaded snapshot "
                  + snapshot
                  + " into "
                  + address
                  + ": "
                  + outcome.tables()
                  + " tables, "
                  + outcome.rows()
                  + " rows, as many as were dumped; "
                  + Output.seconds(took));
          outcome.notes().forEach(note -> output.line("  " + note));
          output.line("  Run ANALYZE there before applications use it");
        });
  }

  private static PostgresAddress address(Session session) {
    Optional<Secret> password =
        Optional.ofNullable(session.environment().get(PASSWORD)).map(Secret::new);
    try {
      return PostgresAddress.parse(session.text("into"), password);
    } catch (PermanentException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--into is not understood: " + e.getMessage(),
          "Write postgresql://user@host:5432/database, and the password in " + PASSWORD + ".",
          e);
    }
  }

  private static int jobs(String text) {
    if (text.matches("[1-9][0-9]?")) {
      return Integer.parseInt(text);
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID, "--jobs is '" + text + "'", "Write a number from 1 to 99.");
  }
}
