package io.lifeboat.app;

import io.lifeboat.postgres.Finding.State;
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
              output.line(word(finding.state()) + finding.subject() + ": " + finding.message());
              if (!finding.hint().isEmpty()) {
                output.line("       what to do: " + finding.hint());
              }
            }));
    return findings.stream().anyMatch(finding -> finding.state() == State.STANDS_IN_THE_WAY)
        ? 3
        : 0;
  }

  private static String word(State state) {
    return switch (state) {
      case GOOD -> "ok     ";
      case COULD_BE_BETTER -> "ADVICE ";
      case STANDS_IN_THE_WAY -> "NOT OK ";
    };
  }
}
