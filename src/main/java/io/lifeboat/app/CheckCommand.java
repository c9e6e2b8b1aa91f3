package io.lifeboat.app;

import java.util.List;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat check}. */
final class CheckCommand implements Command {
  @Override
  public String name() {
    return "check";
  }

  @Override
  public String help() {
    return "try everything that the configuration names: keys, repositories, sources; changes"
        + " nothing";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
  }

  @Override
  public int run(Session session) {
    Installation installation = session.installation();
    var repositories =
        session.keep(new OpenRepositories(installation, session.random(), session.clock()));
    var upkeep = new Upkeep(installation, repositories, session.clock());
    List<ConfigurationCheck.Finding> findings =
        new ConfigurationCheck(session.settings(), repositories, upkeep).run();
    Output output = session.output();
    output.answer(
        findings,
        () ->
            findings.forEach(finding -> {
              output.line(
                  (finding.ok() ? "ok    " : "NOT OK ")
                      + finding.subject()
                      + ": "
                      + finding.message());
              if (!finding.hint().isEmpty()) {
                output.line("       what to do: " + finding.hint());
              }
            }));
    return findings.stream().allMatch(ConfigurationCheck.Finding::ok) ? 0 : 3;
  }
}
