package io.lifeboat.app;

import io.lifeboat.browse.FileBytes;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.SnapshotTree;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat cat}. */
final class CatCommand implements Command {
  @Override
  public String name() {
    return "cat";
  }

  @Override
  public String help() {
    return "write the bytes of a snapshot's file to standard output; a status other than 0 means"
        + " that they are not to be trusted";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    parser.addArgument("path").metavar("PATH").help("the file");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    RestorePath path = RestoreSelection.path(session.text("path"));
    try (SnapshotReader snapshot =
            session.engines().read(session.text("source"), session.snapshot());
        var target = new FileBytes(session.output().stream())) {
      FileBytes.require(path, new SnapshotTree(snapshot).require(path));
      new RestoreEngine()
          .restore(snapshot, RestoreSelection.of(session.text("path")), target, Progress.none());
    }
    return 0;
  }
}
