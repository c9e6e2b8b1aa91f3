package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.retention.Decision;
import io.lifeboat.retention.PruneEngine;
import io.lifeboat.retention.PruneResult;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
        .help("only say what would be forgotten, and why the rest is kept");
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
    Settings settings = session.settings();
    var repositories =
        session.keep(
            new OpenRepositories(Installation.of(settings), session.random(), session.clock()));
    Map<String, Settings.Repository> chosen = chosen(settings, session);
    var removed = new ArrayList<Map<String, Object>>();
    var kept = new ArrayList<Map<String, Object>>();
    var refused = new ArrayList<String>();
    var alarms = new ArrayList<String>();
    long bytes = 0;
    Output output = session.output();
    boolean dryRun = session.flag("dry_run");
    var lines = new ArrayList<String>();
    for (Map.Entry<String, Settings.Repository> repository : chosen.entrySet()) {
      if (session.optional("repository").isEmpty()
          && repositories.get(repository.getKey()).isCopy()) {
        lines.add(
            repository.getKey()
                + ": a copy, left alone; `lifeboat copy --remove-swept-after` shrinks it");
        continue;
      }
      PruneResult result =
          new PruneEngine(session.clock())
              .run(order(session, settings, repository, repositories, dryRun), session.progress());
      result.removed().forEach(decision -> removed.add(document(decision)));
      result.kept().forEach(decision -> kept.add(document(decision)));
      refused.addAll(result.deleted().refused());
      alarms.addAll(result.alarms());
      bytes += result.deleted().bytes();
      lines.addAll(lines(repository.getKey(), result, dryRun));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("removed", removed);
    document.put("kept", kept);
    document.put("bytesFreed", bytes);
    document.put("refused", refused);
    document.put("alarms", alarms);
    output.answer(
        document,
        () -> {
          lines.forEach(output::line);
          refused.forEach(output::warn);
          alarms.forEach(output::warn);
        });
    return refused.isEmpty() && alarms.isEmpty() ? 0 : 3;
  }

  private static Map<String, Settings.Repository> chosen(Settings settings, Session session) {
    Map<String, Settings.Repository> chosen = new TreeMap<>(settings.repositories());
    session
        .optional("repository")
        .ifPresent(name -> {
          if (!chosen.containsKey(name)) {
            throw new PermanentException(
                ErrorCode.CONFIG_INVALID,
                "There is no repository called '" + name + "'",
                "The configuration names these: " + String.join(", ", chosen.keySet()));
          }
          chosen.keySet().retainAll(List.of(name));
        });
    return chosen;
  }

  private static PruneEngine.Order order(
      Session session,
      Settings settings,
      Map.Entry<String, Settings.Repository> repository,
      OpenRepositories repositories,
      boolean dryRun) {
    Settings.Prune prune = repository.getValue().pruning();
    return new PruneEngine.Order(
        repositories.get(repository.getKey()),
        plansOf(settings, repository.getKey()),
        session.optional("grace").map(PruneCommand::duration).orElse(prune.graceTime()),
        session.optional("uncommitted").map(PruneCommand::duration).orElse(prune.uncommittedTime()),
        prune.forgetsAtMost(),
        session.flag("trust_store_times"),
        dryRun,
        locks(repository, repositories));
  }

  private static Optional<PruneEngine.Locks> locks(
      Map.Entry<String, Settings.Repository> repository, OpenRepositories repositories) {
    Optional<StoreConfig.ObjectLock> lock =
        repository.getValue().store() instanceof StoreConfig.S3 s3
            ? s3.objectLock()
            : Optional.empty();
    return lock.flatMap(set ->
        repositories
            .retention(repository.getKey())
            .map(retention -> new PruneEngine.Locks(retention, set.retain())));
  }

  private static Map<String, PlanConfig> plansOf(Settings settings, String repository) {
    Map<String, PlanConfig> plans = new HashMap<>(settings.plans());
    plans.values().removeIf(plan -> !plan.repository().equals(repository));
    return plans;
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

  private static Map<String, Object> document(Decision decision) {
    return Map.of("id", decision.id(), "because", decision.because());
  }

  private static List<String> lines(String repository, PruneResult result, boolean dryRun) {
    var lines = new ArrayList<String>();
    result
        .kept()
        .forEach(decision -> lines.add("keep    " + decision.id() + "  " + decision.because()));
    result
        .removed()
        .forEach(decision ->
            lines.add(
                (dryRun ? "would forget " : "forgot  ")
                    + decision.id()
                    + "  "
                    + decision.because()));
    lines.add(
        repository
            + ": "
            + (dryRun ? "would forget " : "forgot ")
            + result.removed().size()
            + " of "
            + result.decisions().size()
            + " snapshots, "
            + (dryRun ? "would condemn " : "condemned ")
            + result.condemned().packs()
            + " packs with "
            + Output.size(result.condemned().bytes())
            + (dryRun
                ? ""
                : ", deleted "
                    + result.deleted().packs()
                    + " packs with "
                    + Output.size(result.deleted().bytes())));
    return lines;
  }
}
