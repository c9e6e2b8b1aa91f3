package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
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
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    var repositories =
        session.keep(
            new OpenRepositories(session.installation(), session.random(), session.clock()));
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
}
