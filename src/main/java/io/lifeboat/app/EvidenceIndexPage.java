package io.lifeboat.app;

import io.lifeboat.drill.EvidenceChain;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.EvidenceHead;
import io.lifeboat.drill.ProofLevel;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The page that an export of evidence begins with: all records, the newest first. */
final class EvidenceIndexPage {
  private EvidenceIndexPage() {}

  static String html(Collection<EvidenceDocument> records, EvidenceHead head, String headKeyId) {
    StringBuilder rows = new StringBuilder();
    List<EvidenceDocument> newestFirst =
        records.stream()
            .sorted(Comparator.comparingLong(EvidenceDocument::number).reversed())
            .toList();
    newestFirst.forEach(record -> rows.append(row(record)));
    String body =
        "<h1>Evidence of restore drills</h1>\n<p>"
            + head.count()
            + (head.count() == 1 ? " record" : " records")
            + " of repository <code>"
            + Html.visible(head.repository())
            + "</code>, all that there were at "
            + Html.time(head.at())
            + ", says key <code>"
            + Html.visible(headKeyId)
            + "</code> in <code>"
            + EvidenceChain.HEAD
            + "</code>. Each record was signed when its drill ended, and names the one before"
            + " it.</p>\n"
            + "<p>This page is for reading. Whether it is true, <code>lifeboat evidence verify"
            + " FOLDER --key KEY</code> tells, offline: <a href=\""
            + EvidenceFolder.README
            + "\">README.txt</a> says how.</p>\n"
            + "<table><thead><tr><th>No.<th>Ended<th>Plan<th>Source<th>Snapshot<th>Verdict<th>Level<th>Record</tr></thead><tbody>\n"
            + rows
            + "</tbody></table>\n"
            + "<p class=\"quiet\">Levels: "
            + levels()
            + ".</p>\n";
    return Html.page("Evidence of restore drills", EvidencePage.LAYOUT, body);
  }

  private static String row(EvidenceDocument record) {
    String stem = EvidenceChain.stem(record);
    return "<tr><td>"
        + (record.number() == 0 ? "–" : record.number())
        + "</td><td class=\"short\">"
        + Html.time(record.finishedAt())
        + "</td><td>"
        + Html.visible(record.content().path("plan").path("name").asText())
        + "</td><td>"
        + Html.visible(record.content().path("backup").path("source").asText())
        + "</td><td>"
        + Html.visible(record.content().path("backup").path("snapshot").asText())
        + "</td><td>"
        + Html.verdict(record.verdict().name())
        + "</td><td>"
        + record.level().map(ProofLevel::name).orElse("–")
        + "</td><td class=\"short\"><a href=\""
        + stem
        + EvidenceFolder.PAGE_ENDING
        + "\">page</a>, <a href=\""
        + stem
        + EvidenceChain.ENDING
        + "\">signed</a></td></tr>\n";
  }

  private static String levels() {
    StringBuilder all = new StringBuilder();
    for (ProofLevel level : ProofLevel.values()) {
      all.append(all.isEmpty() ? "" : "; ")
          .append(level)
          .append(' ')
          .append(Html.escape(EvidencePage.words(level)));
    }
    return all.toString();
  }
}
