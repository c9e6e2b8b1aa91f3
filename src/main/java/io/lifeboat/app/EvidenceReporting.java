package io.lifeboat.app;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.KeptEvidence;
import io.lifeboat.repository.Repository;
import io.lifeboat.repository.SnapshotInfo;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code lifeboat evidence report}: what drills showed in a period, of all repositories. */
final class EvidenceReporting {
  private final Session session;
  private final List<EvidenceDocument> records = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  EvidenceReporting(Session session) {
    this.session = session;
  }

  /** An answer in JSON: the report, and what could not be counted. */
  private record Answer(@JsonUnwrapped EvidenceReport report, List<String> problems) {}

  /** Answers the exit status. */
  int run() {
    var period = new EvidenceReport.Period(time("from", false), time("to", true));
    if (!period.from().isBefore(period.to())) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The period ends before it begins: from " + period.from() + " to " + period.to(),
          "Give --from a day that is not after that of --to.");
    }
    ConfiguredEngines engines = session.engines();
    read(engines.repositories());
    ConfiguredEngines.Listing listing = engines.listing(Optional.empty());
    listing.problems().stream().filter(said -> !problems.contains(said)).forEach(problems::add);
    List<SnapshotInfo> listed = listing.snapshots().stream().map(one -> one.info()).toList();
    EvidenceReport report =
        EvidenceReport.of(
            period,
            records,
            listed,
            session.installation().plans().keySet(),
            session.clock().instant());
    session
        .optional("html")
        .ifPresent(file -> NewPage.write(Path.of(file), EvidenceReportPage.html(report, problems)));
    session.output().answer(new Answer(report, problems), () -> words(report));
    problems.forEach(session.output()::warn);
    return problems.isEmpty() ? 0 : 1;
  }

  private Instant time(String argument, boolean isEnd) {
    String text =
        session
            .optional(argument)
            .orElseThrow(() ->
                new PermanentException(
                    ErrorCode.USAGE_INVALID,
                    "`evidence report` needs a period, and --" + argument + " is missing",
                    "Give --from DATE --to DATE, such as 2026-01-01 and 2026-03-31."));
    try {
      if (text.contains("T")) {
        return Instant.parse(text);
      }
      LocalDate day = LocalDate.parse(text);
      return (isEnd ? day.plusDays(1) : day).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--" + argument + " is no date: '" + text + "'",
          "Give a day such as 2026-03-31, both days included, in UTC; or a time such as"
              + " 2026-03-31T12:00:00Z.",
          e);
    }
  }

  /** Repositories with one id are one repository. */
  private void read(OpenRepositories repositories) {
    Set<String> seen = new HashSet<>();
    for (String name : repositories.originalsFirst()) {
      Repository repository = repositories.get(name);
      if (seen.add(repository.id().toString())) {
        add(name, repository.evidence().all());
      }
    }
  }

  private void add(String repository, KeptEvidence kept) {
    problems.addAll(kept.problems());
    for (KeptEvidence.Document document : kept.documents()) {
      try {
        EvidenceDocument record = EvidenceDocument.parse(document.signed());
        if (record.signature(kept.signers()) == EvidenceDocument.Signature.TRUSTED) {
          records.add(record);
        } else {
          problems.add(uncounted(repository, document, "no key of the repository signed it"));
        }
      } catch (LifeboatException e) {
        problems.add(uncounted(repository, document, String.valueOf(e.getMessage())));
      }
    }
  }

  private static String uncounted(
      String repository, KeptEvidence.Document document, String reason) {
    return "The evidence of drill "
        + document.drill()
        + " in repository "
        + repository
        + " is not counted: "
        + reason;
  }

  private void words(EvidenceReport report) {
    Output output = session.output();
    output.line("Drills from " + report.from() + " until before " + report.to());
    output.line(
        "  " + report.records().size() + " drills: " + EvidenceReportPage.counts(report.drills()));
    for (EvidenceReport.Plan plan : report.plans()) {
      output.line("Plan " + plan.plan() + ": " + EvidenceReportPage.counts(plan.drills()));
      output.line("  snapshots of the period: " + EvidenceReportPage.coverage(plan));
      EvidenceReport.Gap gap = plan.longestUnproven();
      output.line(
          "  longest without a proof: "
              + Html.duration(Duration.ofSeconds(gap.seconds()))
              + ", from "
              + gap.from()
              + " to "
              + gap.to()
              + (gap.agedOut() ? ", longer than a proof counts" : ""));
      output.line("  RTO: " + EvidenceReportPage.objective(plan.rto()));
      output.line("  RPO: " + EvidenceReportPage.objective(plan.rpo()));
    }
    for (EvidenceReport.Failure failure : report.failures()) {
      output.line(
          String.format(
              Locale.ROOT,
              "%s %s of plan %s at %s: %s",
              failure.verdict(),
              failure.drill(),
              failure.plan(),
              failure.endedAt(),
              failure
                  .passedBy()
                  .map(later -> "passed by " + later.drill() + " at " + later.endedAt())
                  .orElse("no drill of this plan has passed since")));
      failure
          .checks()
          .forEach(check ->
              output.line("  " + check.id() + " " + check.result() + ": " + check.detail()));
    }
    for (EvidenceReport.Proof proof : report.snapshots()) {
      output.line(
          "Snapshot "
              + proof.snapshot()
              + " of "
              + proof.source()
              + ": "
              + proof.verdict()
              + proof.level().map(level -> ", proven to " + level).orElse(", nothing proven"));
    }
  }
}
