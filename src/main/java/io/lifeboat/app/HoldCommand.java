package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Repository;
import java.util.Map;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat hold SNAPSHOT --because WHY}, and {@code lifeboat release SNAPSHOT}. */
final class HoldCommand implements Command {
  private final boolean release;

  private HoldCommand(boolean release) {
    this.release = release;
  }

  static HoldCommand hold() {
    return new HoldCommand(false);
  }

  static HoldCommand release() {
    return new HoldCommand(true);
  }

  @Override
  public String name() {
    return release ? "release" : "hold";
  }

  @Override
  public String help() {
    return release
        ? "let retention decide about a held snapshot again"
        : "keep a snapshot whatever retention says, until it is released";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("snapshot")
        .metavar("SNAPSHOT")
        .help("its id, as `lifeboat snapshots` shows it");
    if (!release) {
      parser.addArgument("--because").metavar("WHY").required(true).help("for whoever wonders");
    }
  }

  private static void requireReason(String snapshot, String because) {
    if (because.isBlank()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--because says nothing, and whoever finds snapshot " + snapshot + " held will ask why",
          "Say who wants it kept and what for, such as --because 'audit 2026, ask Kim'. Nothing"
              + " was done.");
    }
  }

  @Override
  public int run(Session session) {
    String snapshot = session.text("snapshot");
    if (!release) {
      requireReason(snapshot, session.text("because"));
    }
    OpenRepositories repositories = session.repositories();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      if (repository.snapshots().stream().anyMatch(info -> info.id().equals(snapshot))) {
        if (release) {
          repository.maintenance().release(snapshot);
        } else {
          repository.maintenance().hold(snapshot, session.text("because"));
        }
        session
            .output()
            .answer(
                Map.of("snapshot", snapshot, "held", !release),
                () ->
                    session
                        .output()
                        .line(snapshot + (release ? " is held no longer" : " is held")));
        return 0;
      }
    }
    throw new PermanentException(
        ErrorCode.SNAPSHOT_UNKNOWN,
        "There is no snapshot " + snapshot,
        "`lifeboat snapshots` lists what there is.");
  }
}
