package io.lifeboat.app;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.operation.Engines;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat backup PLAN}. */
final class BackupCommand implements Command {
  @Override
  public String name() {
    return "backup";
  }

  @Override
  public String help() {
    return "take a backup of a plan's source now";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser.addArgument("plan").metavar("PLAN").help("a plan of the configuration");
    parser
        .addArgument("--tag")
        .metavar("TAG")
        .action(Arguments.append())
        .help("mark the snapshot, beside the plan's own tags; may be repeated");
  }

  @Override
  public int run(Session session) {
    var order = new Engines.BackupOrder(session.text("plan"), session.all("tag"));
    BackupResult result = session.engines().backup(order, session.progress());
    var document = ResultJson.document(session.operation(), result);
    Output output = session.output();
    output.answer(
        document,
        () -> {
          output.line("Snapshot " + result.snapshot());
          output.line(
              "  read "
                  + Output.size(result.bytesRead())
                  + " in "
                  + result.filesRead()
                  + " of "
                  + result.filesTotal()
                  + " files, stored "
                  + Output.size(result.bytesStored())
                  + ", "
                  + Output.seconds(result.took()));
          result
              .parent()
              .ifPresent(parent -> output.line("  only what changed since snapshot " + parent));
          if (result.bytesReused() > 0) {
            output.line(
                "  reused "
                    + Output.size(result.bytesReused())
                    + " that runs before this one stored without ending");
          }
          result.warnings().forEach(warning -> output.line("  warning: " + warning));
          result
              .failure()
              .ifPresent(failure -> {
                output.line("  DAMAGED: " + failure.getMessage());
                output.line("  what to do: " + failure.hint());
              });
        });
    return result.failure().map(failure -> failure.code().kind().exitStatus()).orElse(0);
  }
}
