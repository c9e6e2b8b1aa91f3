package io.lifeboat.app;

import io.lifeboat.config.PlanConfig;
import io.lifeboat.config.Settings;
import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.files.FileTreeSource;
import io.lifeboat.postgres.ArchiverCheck;
import io.lifeboat.postgres.Finding.State;
import io.lifeboat.postgres.PostgresAddress;
import io.lifeboat.postgres.PostgresServer;
import io.lifeboat.postgres.SourceCheck;
import io.lifeboat.postgres.logical.LogicalCheck;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Tries what a configuration names. */
final class ConfigurationCheck {
  private final Settings settings;
  private final OpenRepositories repositories;
  private final Upkeep upkeep;
  private final List<Finding> findings = new ArrayList<>();

  ConfigurationCheck(Settings settings, OpenRepositories repositories, Upkeep upkeep) {
    this.upkeep = upkeep;
    this.settings = settings;
    this.repositories = repositories;
  }

  /**
   * One thing that was tried.
   *
   * @param ok whether nothing is to be done
   * @param state how much it matters
   * @param id what was looked at on a server; empty elsewhere
   * @param code the error's or the id of what is not well; empty if it is
   * @param hint what to do; empty where there is nothing
   */
  record Finding(
      String subject,
      boolean ok,
      State state,
      String id,
      String code,
      String message,
      String hint) {}

  List<Finding> run() {
    attempt("keys", () -> well("keys", keys()));
    for (String name : repositories.names()) {
      attempt(
          "repository " + name,
          () ->
              well(
                  "repository " + name,
                  repositories.get(name).id()
                      + " at "
                      + repositories.store(name).describe()
                      + ", "
                      + repositories.get(name).snapshots().size()
                      + " snapshots"));
    }
    upkeep
        .keyChecks()
        .forEach((work, check) ->
            attempt(
                "schedule " + work,
                () -> {
                  check.run();
                  well("schedule " + work, "its keys are here");
                }));
    new TreeMap<>(settings.sources())
        .forEach((name, source) -> attempt("source " + name, () -> source(name, source)));
    new TreeMap<>(settings.plans())
        .forEach((name, plan) -> {
          if (plan.pushesWal()) {
            attempt("plan " + name, () -> pushes(name, plan));
          }
        });
    return List.copyOf(findings);
  }

  /** Whether the server of a plan hands its WAL over. */
  private void pushes(String plan, PlanConfig config) {
    if (settings.sources().get(config.source()) instanceof SourceConfig.Postgres source) {
      String command =
          "/opt/lifeboat/scripts/lifeboat wal-push --plan "
              + plan
              + " --socket "
              + settings.walPush().socket().toAbsolutePath()
              + " \"%p\"";
      server(
          "plan " + plan,
          new ArchiverCheck(new PostgresServer(PostgresAddress.of(source)), plan, command).run());
    }
  }

  private String keys() {
    var keyring = repositories.keyring();
    String present = keyring.service().isPresent() ? "service key" : "no service key";
    boolean kitHere = settings.keys().recovery().filter(Files::exists).isPresent();
    return present
        + (kitHere ? ", recovery kit (take it away from backup nodes)" : ", no recovery kit");
  }

  private void source(String name, SourceConfig source) {
    String subject = "source " + name;
    switch (source) {
      case SourceConfig.Files files -> {
        new FileTreeSource(files).check();
        well(subject, files.paths().size() + " paths are there and readable");
      }
      case SourceConfig.Postgres postgres when postgres.isLogical() ->
          server(
              subject,
              new LogicalCheck(
                      postgres.dumping(),
                      PostgresAddress.databasesOf(postgres).stream()
                          .map(PostgresServer::new)
                          .toList(),
                      Optional.ofNullable(System.getenv("PATH")).orElse(""))
                  .run());
      case SourceConfig.Postgres postgres ->
          server(subject, new SourceCheck(new PostgresServer(PostgresAddress.of(postgres))).run());
    }
  }

  private void server(String subject, List<io.lifeboat.postgres.Finding> found) {
    found.forEach(one ->
        findings.add(
            new Finding(
                subject,
                one.ok(),
                one.state(),
                one.id(),
                one.ok() ? "" : one.id(),
                one.sentence(),
                one.remedySql().orElse(""))));
  }

  private void well(String subject, String message) {
    findings.add(new Finding(subject, true, State.GOOD, "", "", message, ""));
  }

  private void attempt(String subject, Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      findings.add(
          new Finding(
              subject,
              false,
              State.STANDS_IN_THE_WAY,
              "",
              e.code().name(),
              String.valueOf(e.getMessage()),
              e.hint()));
    }
  }
}
