package io.lifeboat.app;

import io.lifeboat.backup.BackupResult;
import io.lifeboat.operation.Engines;
import io.lifeboat.repository.StoreProof;
import java.util.ArrayList;
import java.util.List;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat backup PLAN}. */
final class BackupCommand implements Command {
  @Override
  public String name() {
    return "backup";
  }

  @Override
  public String help() {
    return "take a backup of a plan's source now";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser.addArgument("plan").metavar("PLAN").help("a plan of the configuration");
    parser
        .addArgument("--tag")
        .metavar("TAG")
        .action(Arguments.append())
        .help("mark the snapshot, beside the plan's own tags; may be repeated");
  }

  @Override
  public int run(Session session) {
    var order = new Engines.BackupOrder(session.text("plan"), session.all("tag"));
    BackupResult result = session.engines().backup(order, session.progress());
    var document = ResultJson.document(session.operation(), result);
    Output output = session.output();
    output.answer(
        document,
        () -> {
          output.line("Snapshot " + result.snapshot());
          output.line(
              "  read "
                  + Output.size(result.bytesRead())
                  + " in "
                  + result.filesRead()
                  + " of "
                  + result.filesTotal()
                  + " files, stored "
                  + Output.size(result.bytesStored())
                  + ", "
                  + Output.seconds(result.took()));
          result
              .parent()
              .ifPresent(parent -> output.line("  only what changed since snapshot " + parent));
          if (result.bytesReused() > 0) {
            output.line(
                "  reused "
                    + Output.size(result.bytesReused())
                    + " that runs before this one stored without ending");
          }
          output.line("  " + sentence(result.proof()));
          result.warnings().forEach(warning -> output.line("  warning: " + warning));
          result
              .failure()
              .ifPresent(failure -> {
                output.line("  " + failure.code() + ": " + failure.getMessage());
                output.line("  what to do: " + failure.hint());
              });
        });
    return result.failure().map(failure -> failure.code().kind().exitStatus()).orElse(0);
  }

  /** What the store was found to have. */
  static String sentence(StoreProof proof) {
    List<String> parts = new ArrayList<>();
    if (proof.packs() > 0) {
      parts.add(
          "read back "
              + packs(proof.packs(), "")
              + " with "
              + Output.size(proof.bytes())
              + (proof.problems().isEmpty() ? ", as written" : ""));
    }
    if (proof.leftBytes() > 0) {
      parts.add(
          "did not read back "
              + (proof.left() > 0 ? packs(proof.left(), "") + " with " : "index segments with ")
              + Output.size(proof.leftBytes())
              + ", as the plan's readBack says");
    }
    if (proof.older() > 0) {
      parts.add(packs(proof.older(), "older ") + (proof.older() == 1 ? " is" : " are") + " there");
    }
    return String.join("; ", parts);
  }

  private static String packs(long count, String which) {
    return count + " " + which + (count == 1 ? "pack" : "packs");
  }
}
