package io.lifeboat.app;

import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.drill.ControlReport;
import io.lifeboat.drill.Damage;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat controls PLAN}. */
final class ControlsCommand implements Command {
  @Override
  public String name() {
    return "controls";
  }

  @Override
  public String help() {
    return "prove the prover: drill copies of a plan's newest snapshot that are damaged on purpose;"
        + " each must fail by the check that is there for it";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("plan").metavar("PLAN").help("the plan whose drills are put to the test");
    parser
        .addArgument("--damage")
        .metavar("KIND")
        .help("this alone, of: " + String.join(", ", kinds()));
  }

  private static List<String> kinds() {
    return Stream.of(Damage.values()).map(Damage::text).toList();
  }

  @Override
  public int run(Session session) {
    Optional<Damage> only = session.optional("damage").map(ControlsCommand::damage);
    CipherWarmUp.start();
    ControlReport report =
        session
            .engines()
            .controls(
                new Engines.ControlOrder(session.drill(), session.text("plan"), only),
                session.progress());
    Output output = session.output();
    output.answer(ResultJson.document(session.operation(), report), () -> words(output, report));
    return switch (report.outcome()) {
      case FOUND -> 0;
      case MISSED -> 1;
      case UNTRIED -> 3;
    };
  }

  private static Damage damage(String text) {
    return Stream.of(Damage.values())
        .filter(damage -> damage.text().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new PermanentException(
                ErrorCode.USAGE_INVALID,
                "There is no damage '" + text + "'",
                "Use one of " + String.join(", ", kinds()) + "."));
  }

  private static void words(Output output, ControlReport report) {
    report
        .results()
        .forEach(result ->
            output.line(
                String.format(
                    Locale.ROOT,
                    "%-7s %-16s %-7s %s",
                    result.outcome(),
                    result.damage().text(),
                    result.damage().check(),
                    result.detail())));
    output.line(
        "Snapshot "
            + report.snapshot()
            + ": "
            + switch (report.outcome()) {
              case FOUND -> "every damage was found, so a drill that passes can be believed";
              case MISSED -> "NOT EVERY DAMAGE WAS FOUND: no drill of this plan can be believed";
              case UNTRIED -> "what was tried was found, but not all could be tried";
            });
  }
}
