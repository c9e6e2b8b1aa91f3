package io.lifeboat.postgres;

import static io.lifeboat.postgres.Finding.Severity.ADVICE;
import static io.lifeboat.postgres.Finding.Severity.REQUIRED;

import io.lifeboat.error.LifeboatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a server hands its write-ahead log over, asked without changing anything on it. */
public final class ArchiverCheck {
  private static final String RELOAD = " SELECT pg_reload_conf();";
  private static final int SHORT_SECONDS = 60;

  private final PostgresServer server;
  private final String plan;
  private final String expectedCommand;

  /**
   * A check.
   *
   * @param plan the plan that the command has to name
   * @param expectedCommand an {@code archive_command} that would do
   */
  public ArchiverCheck(PostgresServer server, String plan, String expectedCommand) {
    this.server = server;
    this.plan = plan;
    this.expectedCommand = expectedCommand;
  }

  /** Looks at everything. A server that cannot be reached becomes a finding too. */
  public List<Finding> run() {
    try {
      return findings(ArchiverFacts.of(server));
    } catch (LifeboatException e) {
      return List.of(
          new Finding(
              "archiver", false, REQUIRED, e.getMessage() + ". " + e.hint(), Optional.empty()));
    }
  }

  List<Finding> findings(ArchiverFacts facts) {
    if (facts.mode().equals("off")) {
      return List.of(
          Finding.ill(
              "archive_mode",
              REQUIRED,
              "archive_mode is off: the server hands no WAL over. A restart is needed.",
              "ALTER SYSTEM SET archive_mode = on; " + setCommand()));
    }
    var findings = new ArrayList<Finding>();
    findings.add(Finding.well("archive_mode", REQUIRED, "archive_mode is " + facts.mode() + "."));
    findings.add(command(facts));
    findings.add(timeout(facts));
    findings.add(failures(facts));
    return List.copyOf(findings);
  }

  private String setCommand() {
    return "ALTER SYSTEM SET archive_command = '" + expectedCommand.replace("'", "''") + "';";
  }

  private Finding command(ArchiverFacts facts) {
    if (!facts.library().isBlank()) {
      return Finding.ill(
          "archive_command",
          REQUIRED,
          "archive_library is '" + facts.library() + "': archive_command is not used.",
          "ALTER SYSTEM RESET archive_library; " + setCommand() + RELOAD);
    }
    boolean names =
        facts.command().contains("wal-push")
            && facts.command().matches(".*--plan[ =]+['\"]?" + plan + "(?![\\w-]).*");
    return names
        ? Finding.well("archive_command", REQUIRED, "archive_command names this plan.")
        : Finding.ill(
            "archive_command",
            REQUIRED,
            "archive_command is '"
                + facts.command()
                + "': it does not run wal-push for plan "
                + plan
                + ". Put the path of your installation into the statement.",
            setCommand() + RELOAD);
  }

  private static Finding timeout(ArchiverFacts facts) {
    String remedy = "ALTER SYSTEM SET archive_timeout = '" + SHORT_SECONDS + "s';" + RELOAD;
    return facts.timeoutSeconds() == 0
        ? Finding.ill(
            "archive_timeout",
            ADVICE,
            "archive_timeout is 0: a segment is handed over only when it is full, so that what a"
                + " quiet server commits may stay on its disk alone for days. There is no bound on"
                + " what can be lost.",
            remedy)
        : Finding.well(
            "archive_timeout",
            ADVICE,
            "archive_timeout is "
                + facts.timeoutSeconds()
                + " s: that much of what was committed can be lost, and what is on its way.");
  }

  private static Finding failures(ArchiverFacts facts) {
    if (facts.failing()) {
      return new Finding(
          "archiver",
          false,
          REQUIRED,
          "The server could not hand over "
              + facts.lastFailed().orElse("a file")
              + " the last time it tried ("
              + facts.failedCount()
              + " failures so far): its log says why. It keeps the WAL meanwhile; watch its disk.",
          Optional.empty());
    }
    return Finding.well(
        "archiver",
        ADVICE,
        "The server's archiver works; it failed "
            + facts.failedCount()
            + " times so far"
            + facts.lastFailed().map(name -> ", last with " + name).orElse("")
            + ".");
  }
}
