package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.Verification;
import io.lifeboat.repository.VerifyReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat verify}. */
final class VerifyCommand implements Command {
  @Override
  public String name() {
    return "verify";
  }

  @Override
  public String help() {
    return "read a repository and hold every object against its name, hash or signature";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser
        .addArgument("--level")
        .metavar("LEVEL")
        .choices("L0", "L1", "L2")
        .setDefault("L1")
        .help(
            "L0 objects exist, L1 their bytes are right, L2 every chunk opens (needs the recovery"
                + " kit)");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    var depth = Verification.Depth.valueOf(session.text("level"));
    var repositories =
        session.keep(
            new OpenRepositories(session.installation(), session.random(), session.clock()));
    List<String> problems = new ArrayList<>();
    long objects = 0;
    long bytes = 0;
    for (String name : repositories.names()) {
      Repository repository = repositories.get(name);
      VerifyReport report = repository.verification().run(depth, session.progress());
      problems.addAll(report.problems());
      objects += report.objects();
      bytes += report.bytes();
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("verdict", problems.isEmpty() ? "PASS" : "FAIL");
    document.put("level", depth);
    document.put("objects", objects);
    document.put("bytes", bytes);
    document.put("problems", problems);
    Output output = session.output();
    String summary =
        (problems.isEmpty() ? "PASS" : "FAIL")
            + " "
            + depth
            + ": "
            + objects
            + " objects, "
            + Output.size(bytes)
            + " read, "
            + problems.size()
            + " problems";
    output.answer(
        document,
        () -> {
          problems.forEach(problem -> output.line("problem: " + problem));
          output.line(summary);
        });
    return problems.isEmpty() ? 0 : 1;
  }
}
