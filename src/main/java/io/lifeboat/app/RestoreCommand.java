package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.repository.Affected;
import io.lifeboat.restore.RestoreResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat restore}. */
final class RestoreCommand implements Command {
  private static final String LATEST = "latest";

  @Override
  public String name() {
    return "restore";
  }

  @Override
  public String help() {
    return "bring a snapshot back into a folder that is empty or absent";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("--source").metavar("S").required(true).help("the source to bring back");
    parser.addArgument("--snapshot").metavar("ID").setDefault(LATEST).help("which snapshot");
    parser
        .addArgument("--path")
        .metavar("P")
        .help("only this entry of the snapshot and what is below it");
    parser
        .addArgument("--skip-damaged")
        .dest("skip")
        .action(Arguments.storeTrue())
        .help("read all packs first, restore what is left of a damaged snapshot, say what is not");
    parser.addArgument("--target").metavar("DIR").required(true).help("where to");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    Path target = target(session.text("target"));
    var order =
        new Engines.RestoreOrder(
            session.text("source"),
            session.optional("snapshot").filter(id -> !id.equals(LATEST)),
            session.optional("path"),
            target);
    List<Affected> leftOut = new ArrayList<>();
    boolean skip = session.flag("skip");
    RestoreResult result =
        skip
            ? session.engines().restoreWhatIsLeft(order, session.progress(), leftOut::add)
            : session.engines().restore(order, session.progress());
    var document = ResultJson.document(session.operation(), result);
    document.put("target", target.toString());
    if (skip) {
      document.put("leftOut", leftOut);
    }
    Output output = session.output();
    output.answer(
        document,
        () -> {
          output.line(
              "Restored snapshot "
                  + result.snapshot()
                  + " to "
                  + target
                  + ": "
                  + Output.size(result.bytes())
                  + " in "
                  + result.files()
                  + " files, "
                  + Output.seconds(result.took()));
          result.notes().forEach(note -> output.line("  " + note));
          leftOut.forEach(affected -> output.line("left out: " + affected.sentence()));
        });
    return leftOut.isEmpty() ? 0 : 1;
  }

  private static Path target(String text) {
    if (text.isBlank()) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--target is empty",
          "Name a folder that is empty or does not exist.");
    }
    return Path.of(text).toAbsolutePath().normalize();
  }
}
