package io.lifeboat.app;

import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.ProofStanding;
import io.lifeboat.operation.ProofCoverage;
import io.lifeboat.operation.ProofCoverage.Point;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat proofs [PLAN]}. */
final class ProofsCommand implements Command {
  @Override
  public String name() {
    return "proofs";
  }

  @Override
  public String help() {
    return "how much of what each plan keeps is proven; exit status 0 if the newest of each is";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.storeArguments(parser);
    parser.addArgument("plan").metavar("PLAN").nargs("?").help("of this plan only");
  }

  @Override
  public int run(Session session) {
    ConfiguredEngines.Proofs proofs = session.engines().coverage(session.optional("plan"));
    Instant now = session.clock().instant();
    Output output = session.output();
    output.answer(
        proofs.plans(),
        () -> {
          if (proofs.plans().isEmpty()) {
            output.line("No plans yet: write one into the configuration.");
          }
          proofs.plans().forEach(plan -> words(plan, now).forEach(output::line));
        });
    proofs.notes().forEach(output::note);
    proofs.problems().forEach(output::warn);
    boolean proven = proofs.plans().stream().allMatch(ProofCoverage::isNewestProven);
    return proven && proofs.problems().isEmpty() ? 0 : 1;
  }

  private static List<String> words(ProofCoverage plan, Instant now) {
    List<String> lines = new ArrayList<>();
    String oldest =
        plan.unproven().stream()
            .findFirst()
            .map(point -> "; oldest unproven " + age(point.startedAt(), now))
            .orElse("");
    lines.add(plan.plan() + ": " + plan.proven() + " of " + plan.kept() + " proven" + oldest);
    lines.add(
        plan.newest()
            .map(point -> "  newest    " + at(point) + "  " + point.standing().words())
            .orElse("  newest    there is no snapshot: `lifeboat backup " + plan.plan() + "`"));
    points(plan.provenPoints()).forEach(line -> lines.add("  proven    " + line));
    lapsed(plan.unproven()).forEach(line -> lines.add("  unproven  " + line));
    lines.add(
        "  next      "
            + plan.nextDrill()
                .map(next -> "drill due " + next)
                .orElse("no drill is scheduled; `lifeboat drill " + plan.plan() + "` makes one"));
    plan.rto().ifPresent(forecast -> lines.add("  RTO       " + forecast.words()));
    return lines;
  }

  /** A line for each point, with the highest level that it is the newest at. */
  private static List<String> points(Map<ProofLevel, Point> provenPoints) {
    Map<Point, ProofLevel> highest = new LinkedHashMap<>();
    provenPoints.forEach((level, point) -> highest.put(point, level));
    return highest.entrySet().stream()
        .map(entry -> "to " + entry.getValue() + ": " + at(entry.getKey()))
        .toList();
  }

  /** A line for each reason, with how many there are of it. */
  private static List<String> lapsed(List<Point> unproven) {
    Map<String, List<Point>> reasons =
        unproven.stream()
            .collect(
                Collectors.groupingBy(
                    ProofsCommand::reason, LinkedHashMap::new, Collectors.toList()));
    return reasons.entrySet().stream()
        .map(reason ->
            reason.getValue().size()
                + ": "
                + reason.getKey()
                + " (newest "
                + reason.getValue().getLast().snapshot()
                + ")")
        .toList();
  }

  private static String reason(Point point) {
    ProofStanding standing = point.standing();
    return switch (standing.status()) {
      case VALID -> "proven";
      case EXPIRED -> "expired";
      case REVOKED -> "revoked: " + String.join("; ", standing.because());
      case NONE -> String.join("; ", standing.because());
    };
  }

  private static String at(Point point) {
    return point.snapshot() + "  " + point.startedAt().truncatedTo(ChronoUnit.SECONDS);
  }

  /** "19 days", or "5 hours" for what is younger than two. */
  private static String age(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    return age.toDays() < 2 ? age.toHours() + " hours" : age.toDays() + " days";
  }
}
