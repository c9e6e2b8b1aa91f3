package io.lifeboat.app;

import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Rewrap;
import java.util.Map;
import java.util.TreeMap;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat rewrap}. */
final class RewrapCommand implements Command {
  @Override
  public String name() {
    return "rewrap";
  }

  @Override
  public String help() {
    return "let recipients who were added later read what is stored already: adds envelopes of"
        + " about 2 KB for each run, moves no data (needs the recovery kit)";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.kitArguments(parser);
  }

  @Override
  public int run(Session session) {
    OpenRepositories repositories = session.repositoriesByKit();
    Progress progress = session.progress();
    Map<String, Rewrap.Result> results = new TreeMap<>();
    for (String name : repositories.names()) {
      progress.phase("rewrap " + name);
      results.put(name, repositories.get(name).rewrap().run(progress));
    }
    Output output = session.output();
    output.answer(
        results,
        () ->
            results.forEach((name, result) ->
                output.line(
                    name
                        + ": "
                        + (result.recipients() == 0
                            ? "all recipients were there from the beginning"
                            : result.envelopes()
                                + " envelopes added; "
                                + result.recipients()
                                + " later recipients have the keys of "
                                + result.sessions()
                                + " sessions"))));
    results.values().forEach(result -> result.problems().forEach(output::warn));
    return results.values().stream().allMatch(result -> result.problems().isEmpty()) ? 0 : 1;
  }
}
