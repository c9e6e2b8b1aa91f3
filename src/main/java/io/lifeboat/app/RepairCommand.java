package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.repository.Affected;
import io.lifeboat.repository.DamageReport;
import io.lifeboat.repository.RepairReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat repair}. */
final class RepairCommand implements Command {
  @Override
  public String name() {
    return "repair";
  }

  @Override
  public String help() {
    return "write anew what was lost and can be told from the rest; nothing is overwritten";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser
        .addArgument("--dry-run")
        .dest("dry")
        .action(Arguments.storeTrue())
        .help("only say what would be done");
    parser
        .addArgument("--report")
        .action(Arguments.storeTrue())
        .help("mend nothing: read all packs, and say which files of which snapshots are hit");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    var repositories =
        session.keep(
            new OpenRepositories(session.installation(), session.random(), session.clock()));
    if (session.flag("report")) {
      return report(session, repositories);
    }
    boolean dryRun = session.flag("dry");
    List<String> done = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String name : repositories.names()) {
      RepairReport report = repositories.get(name).repair().run(dryRun, session.progress());
      done.addAll(report.done());
      problems.addAll(report.problems());
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("dryRun", dryRun);
    document.put("done", done);
    document.put("problems", problems);
    Output output = session.output();
    output.answer(
        document,
        () -> {
          done.forEach(sentence -> output.line((dryRun ? "would mend: " : "mended: ") + sentence));
          problems.forEach(problem -> output.line("problem: " + problem));
          if (done.isEmpty()) {
            output.line("Nothing to mend.");
          }
        });
    return problems.isEmpty() ? 0 : 1;
  }

  private static int report(Session session, OpenRepositories repositories) {
    List<String> problems = new ArrayList<>();
    List<Affected> affected = new ArrayList<>();
    for (String name : repositories.names()) {
      DamageReport report = repositories.get(name).repair().report(session.progress());
      problems.addAll(report.problems());
      affected.addAll(report.affected());
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("problems", problems);
    document.put("affected", affected);
    Output output = session.output();
    output.answer(
        document,
        () -> {
          problems.forEach(problem -> output.line("problem: " + problem));
          affected.forEach(part -> output.line("affected: " + part.sentence()));
          output.line(
              problems.size()
                  + " problems, "
                  + affected.size()
                  + " files or folders affected; `lifeboat restore --skip-damaged` brings the"
                  + " rest");
        });
    return problems.isEmpty() && affected.isEmpty() ? 0 : 1;
  }
}
