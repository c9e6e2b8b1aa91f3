package io.lifeboat.app;

import io.lifeboat.backup.BackupResult;
import java.util.LinkedHashMap;
import java.util.Map;
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
  }

  @Override
  public int run(Session session) {
    BackupResult result = session.engines().backup(session.text("plan"), session.progress());
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("operation", session.operation());
    document.put("snapshot", result.snapshot());
    document.put("bytesRead", result.bytesRead());
    document.put("bytesStored", result.bytesStored());
    document.put("filesTotal", result.filesTotal());
    document.put("filesRead", result.filesRead());
    document.put("seconds", result.took().toMillis() / 1e3);
    document.put("warnings", result.warnings());
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
          result.warnings().forEach(warning -> output.line("  warning: " + warning));
        });
    return 0;
  }
}
