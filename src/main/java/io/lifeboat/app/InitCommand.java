package io.lifeboat.app;

import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat init}. */
final class InitCommand implements Command {
  @Override
  public String name() {
    return "init";
  }

  @Override
  public String help() {
    return "make the keys and the repositories that the configuration names";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
  }

  @Override
  public int run(Session session) {
    Initialization.Result made =
        new Initialization(
                session.settings(), session.random(), session.clock(), session.passphrases())
            .run();
    Output output = session.output();
    output.answer(
        Map.of(
            "repository", made.repositories().values().stream().findFirst().orElse(""),
            "repositories", made.repositories(),
            "kit", made.kit().toString(),
            "serviceKey", made.serviceKey().toString()),
        () -> {
          made.repositories()
              .forEach((name, id) -> output.line("Made repository '" + name + "', id " + id));
          List.of(
                  "Service key:  " + made.serviceKey() + " (stays here)",
                  "Recovery kit: " + made.kit(),
                  "",
                  "PRINT THE RECOVERY KIT, KEEP TWO COPIES ELSEWHERE, AND TAKE THE FILE AWAY FROM"
                      + " HERE.",
                  "Without it nobody can read the backups, and with it anybody can.",
                  "A page of it that prints well, with a code to scan:",
                  "  lifeboat kit --identity " + made.kit() + " --html kit.html")
              .forEach(output::line);
        });
    return 0;
  }
}
