package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Maintenance;
import java.util.List;
import java.util.Map;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat forget SNAPSHOT --yes}: gives one up, whatever the rules say. */
final class ForgetCommand implements Command {
  @Override
  public String name() {
    return "forget";
  }

  @Override
  public String help() {
    return "give up one snapshot for good, for instance one that is damaged; prune then frees"
        + " space";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("snapshot")
        .metavar("SNAPSHOT")
        .help("its id, as `lifeboat snapshots` or an error shows it");
    parser.addArgument("--yes").action(Arguments.storeTrue()).help("yes, for good");
  }

  @Override
  public int run(Session session) {
    String snapshot = session.text("snapshot");
    if (!session.flag("yes")) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "A snapshot that is forgotten does not come back",
          "Repeat the command with --yes if you mean it. Nothing was done.");
    }
    OpenRepositories repositories = session.repositories();
    for (String name : repositories.originalsFirst()) {
      Maintenance maintenance = repositories.get(name).maintenance();
      if (maintenance.isThere(snapshot)) {
        maintenance.forget(List.of(snapshot));
        session
            .output()
            .answer(
                Map.of("snapshot", snapshot, "forgotten", true),
                () -> session.output().line(snapshot + " is forgotten"));
        return 0;
      }
    }
    throw new PermanentException(
        ErrorCode.SNAPSHOT_UNKNOWN,
        "There is no snapshot " + snapshot,
        "`lifeboat snapshots` lists what there is.");
  }
}
