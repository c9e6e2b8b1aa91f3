package io.lifeboat.app;

import io.lifeboat.browse.Item;
import io.lifeboat.browse.Listing;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.RestoreSelection;
import java.util.ArrayList;
import java.util.List;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat ls}. */
final class LsCommand implements Command {
  @Override
  public String name() {
    return "ls";
  }

  @Override
  public String help() {
    return "list a folder of a snapshot; times are UTC";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.snapshotArguments(parser);
    parser
        .addArgument("--recursive")
        .action(Arguments.storeTrue())
        .help("what is in its folders, too");
    parser.addArgument("path").metavar("PATH").nargs("?").setDefault("").help("the folder");
  }

  @Override
  public int run(Session session) {
    RestorePath path = RestoreSelection.path(session.text("path"));
    boolean recursive = session.flag("recursive");
    Output output = session.output();
    try (SnapshotReader snapshot =
        session.engines().read(session.text("source"), session.snapshot())) {
      var listing = new Listing(snapshot);
      if (output.isJson()) {
        List<Object> items = new ArrayList<>();
        listing.list(path, recursive, item -> items.add(ItemJson.document(item)));
        output.answer(items, () -> {});
      } else {
        listing.list(path, recursive, (Item item) -> output.line(ItemJson.line(item)));
      }
    }
    return 0;
  }
}
