package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.drill.DrillResult;
import io.lifeboat.drill.SnapshotChoice;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat drill PLAN}. */
final class DrillCommand implements Command {
  @Override
  public String name() {
    return "drill";
  }

  @Override
  public String help() {
    return "prove a snapshot of a plan, the newest unless told: restore it to scratch, check it,"
        + " keep the evidence";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("plan").metavar("PLAN").help("the plan whose snapshots are proven");
    var which = parser.addMutuallyExclusiveGroup();
    which.addArgument("--snapshot").metavar("ID").help("this snapshot");
    which
        .addArgument("--select")
        .metavar("WHICH")
        .choices(Stream.of(PlanConfig.Select.values()).map(Enum::name).toList())
        .help(
            "newest, oldest, random, or unproven (never drilled, or longest ago), instead of what"
                + " the plan says");
    parser
        .addArgument("--within")
        .metavar("TIME")
        .help("with --select: of the snapshots that are younger than this, such as P30D");
    parser
        .addArgument("--scratch")
        .metavar("KIND")
        .choices("docker", "process")
        .help("docker or process, instead of what the plan says");
  }

  @Override
  public int run(Session session) {
    CipherWarmUp.start();
    var order =
        new Engines.DrillOrder(
            session.drill(),
            session.text("plan"),
            session.optional("snapshot"),
            session.optional("scratch").map(PlanConfig.ScratchKind::valueOf),
            SnapshotChoice.asked(
                session.optional("snapshot"),
                session.optional("select").map(PlanConfig.Select::valueOf),
                session.optional("within").map(DrillCommand::time)));
    DrillResult result = session.engines().drill(order, session.progress());
    session
        .output()
        .answer(
            ResultJson.document(session.operation(), result),
            () -> words(session.output(), result));
    return switch (result.verdict()) {
      case PASS -> 0;
      case FAIL -> 1;
      case ERROR, SKIPPED -> 3;
    };
  }

  private static Duration time(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--within is not understood: '" + text + "'",
          "Write ISO 8601: PT12H is twelve hours, P7D seven days.",
          e);
    }
  }

  private static void words(Output output, DrillResult result) {
    result
        .checks()
        .forEach(check ->
            output.line(
                String.format(
                    Locale.ROOT,
                    "%-7s %s %-8s %s",
                    check.result(),
                    check.level(),
                    check.id(),
                    check.detail())));
    List<String> measured =
        List.of(
            "Drill " + result.drill() + " of snapshot " + result.snapshot(),
            "  chosen   " + result.selection(),
            "  verdict  "
                + result.verdict()
                + result.level().map(level -> ", proven to " + level).orElse(", nothing proven"),
            "  RTO      " + Output.seconds(result.rto()) + "  " + phases(result),
            "  RPO      " + result.rpo().map(Output::seconds).orElse("not measured: no canary"),
            "  evidence " + result.evidence());
    measured.forEach(output::line);
  }

  private static String phases(DrillResult result) {
    return result.phases().entrySet().stream()
        .map(phase -> phase.getKey() + " " + Output.seconds(phase.getValue()))
        .toList()
        .toString();
  }
}
