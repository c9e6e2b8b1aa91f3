package io.lifeboat.app;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.operation.Engines;
import io.lifeboat.retention.PruneResult;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.sourceforge.argparse4j.impl.Arguments;
import net.sourceforge.argparse4j.inf.Subparser;

/** {@code lifeboat prune}. */
final class PruneCommand implements Command {
  @Override
  public String name() {
    return "prune";
  }

  @Override
  public String help() {
    return "forget snapshots that no rule keeps, and remove what nobody needs any more";
  }

  @Override
  public void arguments(Subparser parser) {
    Session.configArgument(parser);
    parser
        .addArgument("--dry-run")
        .action(Arguments.storeTrue())
        .help(
            "only say what would be forgotten and freed, now and later, and why the rest is kept");
    parser
        .addArgument("--repository")
        .metavar("NAME")
        .help("only this repository of the configuration");
    parser
        .addArgument("--grace")
        .metavar("DURATION")
        .help("how long condemned objects stay, such as P7D; else what the configuration says");
    parser
        .addArgument("--uncommitted")
        .metavar("DURATION")
        .help("how long objects stay that no snapshot names yet; else what the configuration says");
    parser
        .addArgument("--trust-store-times")
        .action(Arguments.storeTrue())
        .help("forget snapshots too whose writer's clock and the store's differ by a day");
  }

  @Override
  public int run(Session session) {
    boolean dryRun = session.flag("dry_run");
    ConfiguredEngines engines = session.engines();
    var results = new ArrayList<PruneResult>();
    var lines = new ArrayList<String>();
    for (String repository : chosen(session)) {
      Optional<String> left = leftAlone(engines.repositories(), repository);
      if (session.optional("repository").isEmpty() && left.isPresent()) {
        lines.add(repository + ": " + left.get());
        continue;
      }
      PruneResult result =
          engines.prune(
              new Engines.PruneOrder(
                  repository,
                  session.optional("grace").map(PruneCommand::duration),
                  session.optional("uncommitted").map(PruneCommand::duration),
                  session.flag("trust_store_times"),
                  dryRun),
              session.progress());
      results.add(result);
      lines.addAll(lines(repository, result));
    }
    List<String> open =
        results.stream()
            .flatMap(
                result -> Stream.concat(result.work().refused().stream(), result.alarms().stream()))
            .toList();
    Output output = session.output();
    output.answer(
        ResultJson.prunes(results),
        () -> {
          lines.forEach(output::line);
          open.forEach(output::warn);
        });
    return open.isEmpty() ? 0 : 3;
  }

  /** Why a repository is not pruned unless it is named. */
  private static Optional<String> leftAlone(OpenRepositories repositories, String name) {
    return repositories
        .unfinishedCopy(name)
        .or(() ->
            repositories.get(name).isCopy()
                ? Optional.of("a copy, left alone; `lifeboat copy --remove-swept-after` shrinks it")
                : Optional.empty());
  }

  private static Set<String> chosen(Session session) {
    Set<String> names = new TreeSet<>(session.settings().repositories().keySet());
    session
        .optional("repository")
        .ifPresent(name -> {
          if (!names.contains(name)) {
            throw new PermanentException(
                ErrorCode.REPOSITORY_UNKNOWN,
                "There is no repository called '" + name + "'",
                "The configuration names these: " + String.join(", ", names));
          }
          names.retainAll(Set.of(name));
        });
    return names;
  }

  /** A duration as it was given. */
  static Duration duration(String text) {
    try {
      Duration duration = Duration.parse(text);
      if (!duration.isNegative()) {
        return duration;
      }
    } catch (DateTimeParseException e) {
      // said below
    }
    throw new PermanentException(
        ErrorCode.USAGE_INVALID,
        "'" + text + "' is not a duration",
        "Write it like P7D, PT12H or PT0S.");
  }

  private static List<String> lines(String repository, PruneResult result) {
    var lines = new ArrayList<String>();
    result
        .kept()
        .forEach(decision -> lines.add("keep    " + decision.id() + "  " + decision.because()));
    result
        .removed()
        .forEach(decision ->
            lines.add(
                (result.dryRun() ? "would forget " : "forgot  ")
                    + decision.id()
                    + "  "
                    + decision.because()));
    PruneSentences.of(result).forEach(sentence -> lines.add(repository + ": " + sentence));
    return lines;
  }
}
