package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Secret;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.config.Spelling;
import io.lifeboat.drill.ObjectDestination;
import io.lifeboat.drill.ObjectOrder;
import io.lifeboat.drill.ObjectResult;
import io.lifeboat.drill.TableName;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.restore.RecoveryGoal;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.sourceforge.argparse4j.inf.Subparser;

/** What {@code lifeboat restore} takes to bring back one database or table. */
final class ObjectArguments {
  private ObjectArguments() {}

  static void declare(Subparser parser) {
    parser
        .addArgument("--database")
        .metavar("NAME")
        .help("only this database of a PostgreSQL source: --target is a file then");
    parser
        .addArgument("--schema")
        .metavar("NAME")
        .help("with --table: its schema; public, if not said");
    parser.addArgument("--table").metavar("NAME").help("with --database: only this table");
    parser
        .addArgument("--format")
        .choices("csv", "sql", "custom")
        .help("of the file: csv for a table if not said, custom for a database");
    parser
        .addArgument("--into")
        .metavar("URL")
        .help(
            "instead of --target, with --table: postgresql://USER@HOST/DATABASE, its password in"
                + " PGPASSWORD; or 'source'. The table goes there beside the original");
    parser
        .addArgument("--as")
        .metavar("NAME")
        .help("with --into: the new table's name; the original's with _restored, if not said");
    parser
        .addArgument("--scratch")
        .choices("docker", "process")
        .help("with --database: where a copy recovers; as the plan's drills, if not said");
    parser.addArgument("--programs").metavar("DIR").help("with --scratch process: PostgreSQL's");
    parser.addArgument("--image").metavar("IMAGE").help("with --scratch docker");
  }

  /** Whether a database or a table is wanted. */
  static boolean given(Session session) {
    boolean rest =
        Stream.of("schema", "table", "format", "into", "as", "scratch", "programs", "image")
            .anyMatch(name -> session.optional(name).isPresent());
    if (rest && session.optional("database").isEmpty()) {
      throw invalid("--database is missing", "Name the database that the table is in.");
    }
    return session.optional("database").isPresent();
  }

  static int run(Session session, Optional<RecoveryGoal> goal) {
    if (!session.all("path").isEmpty()
        || !session.all("exclude").isEmpty()
        || Stream.of("skip", "delta", "delete", "dry_run").anyMatch(session::flag)) {
      throw invalid(
          "Of a database, only a point in time and a destination can be said", "See --help.");
    }
    ObjectOrder order = order(session);
    if (order.destination() instanceof ObjectDestination.File file) {
      session.requireApart(file.path());
    }
    ObjectResult result =
        session
            .engines()
            .restoreObject(
                new Engines.ObjectRestore(
                    session.text("source"),
                    session.snapshot(),
                    goal.orElseGet(RecoveryGoal::snapshotItself),
                    order),
                session.progress());
    Output output = session.output();
    output.answer(
        ResultJson.document(session.operation(), result),
        () ->
            output.line(
                "Brought back to "
                    + result.destination()
                    + (result.rows().isPresent()
                        ? ": " + result.rows().getAsLong() + " rows"
                        : ": " + Output.size(result.bytes()))
                    + ", as of "
                    + result.recovery().target()
                    + ", "
                    + Output.seconds(result.took())));
    return 0;
  }

  private static ObjectOrder order(Session session) {
    String database = session.text("database");
    Optional<TableName> table =
        session
            .optional("table")
            .map(name -> new TableName(session.optional("schema").orElse("public"), name));
    return new ObjectOrder(
        session.operation(),
        database,
        table,
        destination(session, database, table),
        new ObjectOrder.Place(
            session.optional("scratch").map(PlanConfig.ScratchKind::valueOf),
            session.optional("image"),
            session.optional("programs").map(Path::of)));
  }

  private static ObjectDestination destination(
      Session session, String database, Optional<TableName> table) {
    Optional<String> into = session.optional("into");
    Optional<String> target = session.optional("target");
    if (into.isPresent() == target.isPresent()) {
      throw invalid(
          "It is not said where the data goes", "Give --target FILE, or --into URL for a table.");
    }
    if (target.isPresent()) {
      return ObjectDestination.file(
          Path.of(target.get()), session.optional("format"), table.isPresent());
    }
    TableName original =
        table.orElseThrow(
            () -> invalid("--into takes a table only", "Add --table, or give --target FILE."));
    return ObjectDestination.beside(
        into.get().equals("source")
            ? ObjectDestination.serverOf(source(session), database)
            : PostgresAddress.parse(
                into.get(),
                Optional.ofNullable(session.environment().get("PGPASSWORD")).map(Secret::new)),
        original,
        session.optional("as"));
  }

  private static SourceConfig source(Session session) {
    String name = session.text("source");
    Map<String, SourceConfig> sources = session.installation().sources();
    SourceConfig source = sources.get(name);
    if (source == null) {
      throw new PermanentException(
          ErrorCode.SOURCE_UNKNOWN,
          "There is no source '" + name + "' configured",
          Spelling.hint(name, sources.keySet()));
    }
    return source;
  }

  private static PermanentException invalid(String message, String hint) {
    return new PermanentException(ErrorCode.USAGE_INVALID, message, hint);
  }
}
