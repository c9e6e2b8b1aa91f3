package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
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
    parser
        .addArgument("--void")
        .metavar("log/N")
        .action(Arguments.append())
        .help(
            "declare that this object is no entry of the log, and that none was lost in its place;"
                + " may be repeated");
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
    List<String> voidable = new ArrayList<>();
    List<String> voids = session.all("void");
    if (!voids.isEmpty() && repositories.names().size() != 1) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--void is about one repository, and the configuration has several",
          "Name its place with --store, and the kit with --identity.");
    }
    for (String name : repositories.names()) {
      RepairReport report = repositories.get(name).repair().run(dryRun, voids, session.progress());
      done.addAll(report.done());
      problems.addAll(report.problems());
      voidable.addAll(report.voidable());
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("dryRun", dryRun);
    document.put("done", done);
    document.put("problems", problems);
    document.put("voidable", voidable);
    Output output = session.output();
    output.answer(
        document,
        () -> {
          done.forEach(sentence -> output.line((dryRun ? "would mend: " : "mended: ") + sentence));
          problems.forEach(problem -> output.line("problem: " + problem));
          if (done.isEmpty()) {
            output.line(
                problems.isEmpty()
                    ? "Nothing to mend in the log and the index; --report looks at packs."
                    : "Nothing was mended.");
          }
        });
    if (!voidable.isEmpty()) {
      output.hint(
          "If no copy of the repository has an entry of this name, and nobody knows of a backup"
              + " that is not listed, `lifeboat repair --void "
              + String.join(" --void ", voidable)
              + "` declares that none was there");
    }
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
