package io.lifeboat.app;

import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.Verdict;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report of a period as a page to read and to print. */
final class EvidenceReportPage {
  private final EvidenceReport report;
  private final List<String> problems;

  private EvidenceReportPage(EvidenceReport report, List<String> problems) {
    this.report = report;
    this.problems = List.copyOf(problems);
  }

  /**
   * The page.
   *
   * @param problems what could not be counted, a sentence each
   */
  static String html(EvidenceReport report, List<String> problems) {
    return new EvidenceReportPage(report, problems).html();
  }

  private String html() {
    String body =
        "<h1>Report of restore drills</h1>\n<p>From "
            + Html.time(report.from())
            + " until before "
            + Html.time(report.to())
            + ", as it was known at "
            + Html.time(report.at())
            + ".</p>\n"
            + summary()
            + problems()
            + "<h2>Plans</h2>\n"
            + plans()
            + "<h2>Failures and errors, and what followed</h2>\n"
            + failures()
            + "<h2>Snapshots, and how far each was proven</h2>\n"
            + snapshots()
            + "<h2>The records that this was made from</h2>\n"
            + records();
    return Html.page("Report of restore drills", EvidencePage.LAYOUT, body);
  }

  private String summary() {
    long unanswered =
        report.failures().stream().filter(failure -> failure.passedBy().isEmpty()).count();
    long passed = report.drills().getOrDefault(Verdict.PASS, 0L);
    long unproven =
        report.plans().stream()
            .filter(plan -> plan.drills().getOrDefault(Verdict.PASS, 0L) == 0)
            .count();
    Verdict tone =
        unanswered > 0
            ? Verdict.FAIL
            : unproven > 0 || report.plans().isEmpty() ? Verdict.ERROR : Verdict.PASS;
    return "<div class=\"verdict "
        + Html.colour(tone.name())
        + "\"><b>"
        + passed
        + " of "
        + report.records().size()
        + " drills passed</b><br>"
        + counts(report.drills())
        + "<br>"
        + (report.failures().isEmpty()
            ? "No drill ended with FAIL or ERROR."
            : unanswered == 0
                ? "Each that ended with FAIL or ERROR was followed by one of the same plan that"
                    + " passed."
                : "After "
                    + unanswered
                    + " of those that ended with FAIL or ERROR, no later drill of the same plan has"
                    + " passed.")
        + (unproven == 0
            ? ""
            : "<br>Plans without a drill that passed: "
                + unproven
                + " of "
                + report.plans().size()
                + ".")
        + "</div>\n";
  }

  static String counts(Map<Verdict, Long> drills) {
    return drills.entrySet().stream()
        .filter(one -> one.getValue() > 0)
        .map(one -> one.getValue() + " " + one.getKey())
        .reduce((a, b) -> a + ", " + b)
        .orElse("none");
  }

  private String problems() {
    if (problems.isEmpty()) {
      return "";
    }
    return "<h2>What could not be counted</h2>\n<ul>\n<li>"
        + problems.stream().map(Html::visible).reduce((a, b) -> a + "</li>\n<li>" + b).orElse("")
        + "</li>\n</ul>\n";
  }

  private String plans() {
    if (report.plans().isEmpty()) {
      return "<p>There is no plan.</p>\n";
    }
    StringBuilder rows =
        new StringBuilder(
            "<table><thead><tr><th>Plan<th>Drills<th>Coverage<th>Longest without a"
                + " proof<th>RTO<th>RPO</tr></thead><tbody>\n");
    for (EvidenceReport.Plan plan : report.plans()) {
      rows.append("<tr><td class=\"name\">")
          .append(Html.visible(plan.plan()))
          .append("</td><td>")
          .append(counts(plan.drills()))
          .append("</td><td>")
          .append(coverage(plan))
          .append("</td><td>")
          .append(gap(plan.longestUnproven()))
          .append("</td><td>")
          .append(objective(plan.rto()))
          .append("</td><td>")
          .append(objective(plan.rpo()))
          .append("</td></tr>\n");
    }
    return rows
        + "</tbody></table>\n"
        + "<p class=\"quiet\">Coverage: of the snapshots that were taken in the period and are"
        + " still there, how many were drilled by its end, and how many passed. The time without a"
        + " proof runs from one drill that passed to the next: from the last one before the period,"
        + " or its beginning if there is none, to its end or to this report. RTO and RPO: how often"
        + " the objective of the plan was met, and the longest that was measured.</p>\n";
  }

  static String coverage(EvidenceReport.Plan plan) {
    return plan.taken() == 0
        ? "none taken"
        : String.format(
            Locale.ROOT,
            "%d of %d drilled (%d %%), %d proven",
            plan.drilled(),
            plan.taken(),
            100 * plan.drilled() / plan.taken(),
            plan.proven());
  }

  private static String gap(EvidenceReport.Gap gap) {
    return Html.duration(Duration.ofSeconds(gap.seconds()))
        + ", from "
        + Html.time(gap.from())
        + " to "
        + Html.time(gap.to())
        + (gap.agedOut() ? " <b class=\"fail\">aged out</b>" : "");
  }

  static String objective(EvidenceReport.Objective objective) {
    String worst =
        objective
            .worstMillis()
            .map(millis -> "longest " + Html.duration(Duration.ofMillis(millis)))
            .orElse("not measured");
    long judged = objective.met() + objective.missed() + objective.unmeasured();
    return judged == 0
        ? "no objective, " + worst
        : objective.met()
            + " met, "
            + objective.missed()
            + " missed"
            + (objective.unmeasured() > 0 ? ", " + objective.unmeasured() + " not shown" : "")
            + ", "
            + worst;
  }

  private String failures() {
    if (report.failures().isEmpty()) {
      return "<p>None.</p>\n";
    }
    StringBuilder rows =
        new StringBuilder(
            "<table><thead><tr><th>Ended<th>Plan<th>Verdict<th class=\"half\">What did not"
                + " hold<th>What followed</tr></thead><tbody>\n");
    for (EvidenceReport.Failure failure : report.failures()) {
      rows.append("<tr><td>")
          .append(Html.time(failure.endedAt()))
          .append("<br><code>")
          .append(Html.visible(failure.drill()))
          .append("</code></td><td class=\"name\">")
          .append(Html.visible(failure.plan()))
          .append("<br><code>")
          .append(Html.visible(failure.snapshot()))
          .append("</code></td><td>")
          .append(Html.verdict(failure.verdict().name()))
          .append("</td><td>")
          .append(
              failure.checks().stream()
                  .map(EvidenceReportPage::check)
                  .reduce((a, b) -> a + "<br>" + b)
                  .orElse("no check failed: what was restored was not all removed"))
          .append("</td><td>")
          .append(
              failure
                  .passedBy()
                  .map(later ->
                      "passed at "
                          + Html.time(later.endedAt())
                          + " by <code>"
                          + Html.visible(later.drill())
                          + "</code>")
                  .orElse("<b class=\"fail\">nothing passed since</b>"))
          .append("</td></tr>\n");
    }
    return rows.append("</tbody></table>\n").toString();
  }

  private static String check(EvidenceReport.Check check) {
    return "<b>"
        + Html.visible(check.id())
        + "</b> ("
        + Html.visible(check.level())
        + "): "
        + Html.visible(check.meaning())
        + " Found: "
        + Html.visible(check.detail());
  }

  private String snapshots() {
    if (report.snapshots().isEmpty()) {
      return "<p>None was drilled in the period.</p>\n";
    }
    StringBuilder rows =
        new StringBuilder(
            "<table><thead><tr><th>Snapshot<th>Source<th>Taken<th>Best verdict<th>Level<th>By the"
                + " drill</tr></thead><tbody>\n");
    for (EvidenceReport.Proof proof : report.snapshots()) {
      rows.append("<tr><td><code>")
          .append(Html.visible(proof.snapshot()))
          .append("</code></td><td>")
          .append(Html.visible(proof.source()))
          .append("</td><td>")
          .append(time(proof.takenAt()))
          .append("</td><td>")
          .append(Html.verdict(proof.verdict().name()))
          .append("</td><td>")
          .append(proof.level().map(ProofLevel::name).orElse("–"))
          .append("</td><td><code>")
          .append(Html.visible(proof.drill()))
          .append("</code><br>")
          .append(Html.time(proof.provenAt()))
          .append("</td></tr>\n");
    }
    return rows.append("</tbody></table>\n").toString();
  }

  private static String time(String written) {
    try {
      return Html.time(Instant.parse(written));
    } catch (DateTimeException e) {
      return Html.visible(written);
    }
  }

  private String records() {
    StringBuilder rows =
        new StringBuilder(
            "<p>This page is not signed; the records are. <code>lifeboat evidence export</code>"
                + " gives them, and <code>lifeboat evidence verify</code> tells whether they hold"
                + " and whether any is missing. The SHA-256 is that of a record's file.</p>\n"
                + "<table><thead><tr><th>No.<th>Drill<th>SHA-256</tr></thead><tbody>\n");
    for (EvidenceReport.Source record : report.records()) {
      rows.append("<tr><td>")
          .append(record.number() == 0 ? "–" : Long.toString(record.number()))
          .append("</td><td class=\"short\"><code>")
          .append(Html.visible(record.drill()))
          .append("</code></td><td><code>")
          .append(record.sha256())
          .append("</code></td></tr>\n");
    }
    return rows.append("</tbody></table>\n").toString();
  }
}
