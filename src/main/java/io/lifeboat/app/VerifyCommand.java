package io.lifeboat.app;

import io.lifeboat.config.Part;
import io.lifeboat.crypto.CipherWarmUp;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Verification;
import io.lifeboat.repository.VerifyOrder;
import io.lifeboat.repository.VerifyReport;
import io.lifeboat.repository.VerifyShare;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat verify}. */
final class VerifyCommand implements Command {
  @Override
  public String name() {
    return "verify";
  }

  @Override
  public String help() {
    return "read a repository and hold every object against its name, hash or signature";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser
        .addArgument("--level")
        .metavar("LEVEL")
        .choices("L0", "L1", "L2")
        .setDefault("L1")
        .help(
            "L0 objects exist, L1 their bytes are right, L2 every chunk opens (needs the recovery"
                + " kit)");
    var share = parser.addMutuallyExclusiveGroup();
    share
        .addArgument("--subset")
        .metavar("PART")
        .help(
            "read only this part of all packs, 1/20 or a percentage: those that were read longest"
                + " ago");
    share
        .addArgument("--window")
        .metavar("TIME")
        .help("read as much as keeps every pack's last reading within this time, such as P30D");
    parser
        .addArgument("--no-attestation")
        .dest("silent")
        .action(Arguments.storeTrue())
        .help("do not keep a signed attestation of what was read beside the repository");
  }

  @Override
  public int run(Session session) {
    var depth = Verification.Depth.valueOf(session.text("level"));
    var order = new VerifyOrder(depth, share(session), !session.flag("silent"));
    if (depth == Verification.Depth.L0 && !(order.share() instanceof VerifyShare.Everything)) {
      throw usage("Level L0 reads no pack, so there is no part of them to choose");
    }
    CipherWarmUp.start();
    var repositories =
        session.keep(
            new OpenRepositories(session.installation(), session.random(), session.clock()));
    List<VerifyReport> reports = new ArrayList<>();
    for (String name : repositories.names()) {
      reports.add(repositories.get(name).verification().run(order, session.progress()));
    }
    return answer(session.output(), depth, reports);
  }

  private static VerifyShare share(Session session) {
    Optional<String> subset = session.optional("subset");
    Optional<String> window = session.optional("window");
    try {
      return subset
          .map(VerifyCommand::fraction)
          .or(() -> window.map(text -> new VerifyShare.Window(Duration.parse(text))))
          .orElseGet(VerifyShare.Everything::new);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw usage(
          subset
              .map(text -> "--subset is not understood: '" + text + "'")
              .orElseGet(() -> "--window is not understood: '" + window.orElseThrow() + "'"));
    }
  }

  private static VerifyShare fraction(String text) {
    return new VerifyShare.Fraction(
        Part.parse(text).orElseThrow(() -> new IllegalArgumentException(text)));
  }

  private static PermanentException usage(String fact) {
    return new PermanentException(
        ErrorCode.USAGE_INVALID,
        fact,
        "Give --subset 1/20 or a percentage for a part of all packs, or --window P30D for a time"
            + " within which all are read, with level L1 or L2.");
  }

  private static int answer(Output output, Verification.Depth depth, List<VerifyReport> reports) {
    Map<String, Object> document = ResultJson.verifications(depth.name(), reports);
    output.answer(document, () -> reports.forEach(report -> words(output, report)));
    return reports.stream().allMatch(VerifyReport::sound) ? 0 : 1;
  }

  private static void words(Output output, VerifyReport report) {
    report.problems().forEach(problem -> output.line("problem: " + problem));
    report.warnings().forEach(warning -> output.line("warning: " + warning));
    output.line(
        String.format(
            java.util.Locale.ROOT,
            "%s %s: %d objects, %s read, %d problems",
            report.sound() ? "PASS" : "FAIL",
            report.level(),
            report.objects(),
            Output.size(report.bytes()),
            report.problems().size()));
    if (!report.sound()) {
      output.line("  what to do: " + VerifyReport.WHAT_TO_DO);
    }
    if (!report.level().equals(Verification.Depth.L0.name())) {
      output.line(
          report.coverage().packsVerified()
              + " of "
              + report.coverage().packsTotal()
              + " packs are right; the one read longest ago was read "
              + report.coverage().oldestUnverifiedDays()
              + " days ago");
    }
  }
}
