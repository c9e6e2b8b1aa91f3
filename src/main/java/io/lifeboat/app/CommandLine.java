package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import net.sourceforge.argparse4j.ArgumentParsers;
import net.sourceforge.argparse4j.helper.HelpScreenException;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.ArgumentParser;
import net.sourceforge.argparse4j.inf.ArgumentParserException;
import net.sourceforge.argparse4j.inf.Namespace;
import net.sourceforge.argparse4j.inf.Subparser;

/**
 * The command line: finds the verb, runs it, and answers with an exit status: 0 done or PASS, 1
 * FAIL, 2 usage or configuration, 3 ERROR or environment, 4 refused, 130 interrupted.
 */
final class CommandLine {
  private static final String VERB = "verb";

  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final AtomicBoolean cancelled;
  private final List<Command> commands =
      List.of(
          new InitCommand(),
          new KeygenCommand(),
          new ServerCommand(),
          new CheckCommand(),
          new BackupCommand(),
          new SnapshotsCommand(),
          new RestoreCommand(),
          new WalCommand(),
          new WalPushCommand(),
          new LoadCommand(),
          new LsCommand(),
          new FindCommand(),
          new DiffCommand(),
          new CatCommand(),
          new DumpCommand(),
          new DrillCommand(),
          new ControlsCommand(),
          new ProofsCommand(),
          new VerifyCommand(),
          new CopyCommand(),
          new RepairCommand(),
          new PruneCommand(),
          new ForgetCommand(),
          HoldCommand.hold(),
          HoldCommand.release(),
          new EvidenceCommand(),
          new WriterCommand(),
          new RecipientCommand(),
          new RewrapCommand(),
          new KitCommand(),
          new ProbeCommand(),
          new PolicyCommand());

  CommandLine(
      PrintStream out, PrintStream err, Map<String, String> environment, AtomicBoolean cancelled) {
    this.out = out;
    this.err = err;
    this.environment = environment;
    this.cancelled = cancelled;
  }

  int run(String... arguments) {
    ArgumentParser parser =
        ArgumentParsers.newFor("lifeboat")
            .terminalWidthDetection(false)
            .build()
            .defaultHelp(true)
            .description(
                "Backups of PostgreSQL and artifact trees, and the proof that they restore.");
    var verbs = parser.addSubparsers().title("commands").metavar("COMMAND");
    for (Command command : commands) {
      Subparser verb =
          verbs.addParser(command.name()).help(command.help()).description(command.help());
      verb.setDefault(VERB, command);
      verb.addArgument("--json")
          .action(Arguments.storeTrue())
          .help("answer in JSON; errors too, on standard error");
      command.arguments(verb);
    }
    boolean json = List.of(arguments).contains("--json");
    try {
      Namespace parsed = parser.parseArgs(arguments);
      Command command = parsed.get(VERB);
      try (var session = new Session(parsed, environment, new Output(out, err, json), cancelled)) {
        return command.run(session);
      }
    } catch (HelpScreenException e) {
      return 0;
    } catch (ArgumentParserException e) {
      return usage(e, json);
    } catch (LifeboatException e) {
      return new Output(out, err, json).failure(e, environment);
    } catch (RuntimeException | Error e) {
      // An error of the JVM says nothing about a backup: it must not end with the status that means
      // FAIL.
      var failure =
          new PermanentException(
              ErrorCode.INTERNAL,
              "Lifeboat failed in a way it does not know: " + e,
              "Nothing was published. Set LIFEBOAT_DEBUG=1 to see where, and report it.",
              e);
      return new Output(out, err, json).failure(failure, environment);
    }
  }

  private int usage(ArgumentParserException problem, boolean json) {
    var failure =
        new PermanentException(
            ErrorCode.USAGE_INVALID,
            String.valueOf(problem.getMessage()),
            "`lifeboat --help` lists the commands, `lifeboat COMMAND --help` what each takes.",
            problem);
    if (!json) {
      problem.getParser().printUsage(new PrintWriter(err, true, StandardCharsets.UTF_8));
    }
    return new Output(out, err, json).failure(failure, environment);
  }
}
