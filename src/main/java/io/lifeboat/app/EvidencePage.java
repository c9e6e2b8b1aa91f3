package io.lifeboat.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.ProofLevel;
import io.lifeboat.drill.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A piece of evidence as one page of HTML that needs nothing else, for a reader who has never seen
 * Lifeboat. Every word of it follows from the signed document, which it holds too: whoever makes it
 * anew from that document and gets the same bytes knows that nobody changed it.
 *
 * <p>Whoever changes what the page of a document looks like raises {@link #LAYOUT}: pages of
 * another layout cannot be compared.
 */
final class EvidencePage {
  static final int LAYOUT = 1;

  private static final String DOCUMENT = "<pre id=\"document\">";
  private static final String DOCUMENT_END = "</pre>";

  private final EvidenceDocument document;
  private final JsonNode content;

  private EvidencePage(EvidenceDocument document) {
    this.document = document;
    this.content = document.content();
  }

  /** The page of a document. */
  static String html(EvidenceDocument document) {
    return new EvidencePage(document).html();
  }

  /** The signed document that a page holds, if it holds one. */
  static Optional<byte[]> document(String html) {
    int begin = html.lastIndexOf(DOCUMENT);
    int end = html.lastIndexOf(DOCUMENT_END);
    if (begin < 0 || end < begin) {
      return Optional.empty();
    }
    String text = Html.unescape(html.substring(begin + DOCUMENT.length(), end));
    return Optional.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private String html() {
    String body =
        "<h1>Evidence of a restore drill</h1>\n"
            + verdict()
            + "<h2>What was proven, and of what</h2>\n"
            + facts()
            + "<h2>Checks</h2>\n"
            + checks()
            + "<h2>Measured against the objectives</h2>\n"
            + measured()
            + "<h2>Where it was restored to</h2>\n"
            + environment()
            + "<h2>What this does not show</h2>\n"
            + limitations()
            + "<h2>How long it counts</h2>\n"
            + validity()
            + "<h2>How to verify this page</h2>\n"
            + howToVerify()
            + "<h2>The signed document</h2>\n"
            + DOCUMENT
            + Html.escape(new String(document.bytes(), StandardCharsets.UTF_8))
            + DOCUMENT_END
            + "\n";
    return Html.page("Evidence of drill " + document.drill(), LAYOUT, body);
  }

  private String verdict() {
    Verdict verdict = document.verdict();
    String meaning =
        switch (verdict) {
          case PASS -> "Everything that was required was checked on the restored copy, and held.";
          case FAIL -> "The backup is bad, or the data in it is: a check that failed says which.";
          case ERROR ->
              "It could not be told whether the backup is good: something else was at fault, and"
                  + " nothing is said about the backup.";
          case SKIPPED ->
              "Something that the plan requires could not be tried; what was tried held.";
        };
    String level =
        document
            .level()
            .map(proven -> "Proven to level " + proven + ": " + words(proven) + ".")
            .orElse("No level was proven.");
    return "<div class=\"verdict "
        + Html.colour(verdict.name())
        + "\"><b>"
        + verdict
        + "</b>: "
        + meaning
        + "<br>"
        + level
        + "<br>"
        + sentence()
        + "</div>\n";
  }

  private String sentence() {
    JsonNode backup = content.path("backup");
    return "Snapshot <code>"
        + text(backup, "snapshot")
        + "</code> of source <b>"
        + text(backup, "source")
        + "</b>, whose backup ended at "
        + time(backup, "finishedAt")
        + (document.verdict() == Verdict.PASS ? ", was" : ", was to be")
        + " restored to a throw-away place and examined there. This was asked for at "
        + time(content, "requestedAt")
        + " and ended at "
        + time(content, "finishedAt")
        + ".";
  }

  static String words(ProofLevel level) {
    return switch (level) {
      case L0 -> "the objects of the backup exist";
      case L1 -> "they are what was written";
      case L2 -> "all of it can be decrypted";
      case L3 -> "all of it can be restored";
      case L4 -> "the restored database starts";
      case L5 -> "its structure is sound";
      case L6 -> "its contents are what was recorded when the backup was taken";
      case L7 -> "the application's own checks hold";
    };
  }

  private String facts() {
    JsonNode backup = content.path("backup");
    JsonNode plan = content.path("plan");
    StringBuilder rows = new StringBuilder("<table><tbody>\n");
    rows.append(
        Html.row(
            "Backup",
            "snapshot <code>"
                + text(backup, "snapshot")
                + "</code> of source "
                + text(backup, "source")
                + " ("
                + text(backup, "type")
                + "), taken from "
                + time(backup, "startedAt")
                + " to "
                + time(backup, "finishedAt")));
    rows.append(
        Html.row(
            "Its size",
            Output.size(backup.path("bytes").asLong())
                + " in "
                + backup.path("files").asLong()
                + " files; it was "
                + millis(backup, "ageMillis")
                + " old when the drill was asked for"));
    rows.append(
        Html.row(
            "Drill",
            "<code>" + document.drill() + "</code>, by order of " + text(content, "actor")));
    rows.append(
        Html.row(
            "Plan",
            text(plan, "name") + ", in the state <code>" + text(plan, "digest") + "</code>"));
    rows.append(Html.row("Place in the chain", chain()));
    return rows.append("</tbody></table>\n").toString();
  }

  private String chain() {
    if (document.number() == 0) {
      return "none: it is of before evidence was a chain";
    }
    return "number "
        + document.number()
        + " of repository <code>"
        + Html.visible(document.repository())
        + "</code>; "
        + (document.number() == 1
            ? "it is the first"
            : "the one before it has SHA-256 <code>" + document.previous() + "</code>");
  }

  private String checks() {
    StringBuilder rows =
        new StringBuilder(
            "<table><thead><tr><th>Check<th>Level<th>Result<th class=\"half\">A failure"
                + " would mean<th>Found</tr></thead><tbody>\n");
    for (JsonNode check : content.path("checks")) {
      rows.append("<tr><td class=\"short\">")
          .append(text(check, "id"))
          .append("</td><td>")
          .append(text(check, "level"))
          .append("</td><td>")
          .append(Html.verdict(check.path("result").asText()))
          .append("</td><td>")
          .append(text(check, "meaning"))
          .append("</td><td>")
          .append(text(check, "detail"))
          .append("</td></tr>\n");
    }
    return rows.append("</tbody></table>\n").append(levels()).toString();
  }

  private static String levels() {
    List<String> all = new ArrayList<>();
    for (ProofLevel level : ProofLevel.values()) {
      all.add(level + " " + words(level));
    }
    return "<p class=\"quiet\">Levels, each with those before it: "
        + Html.escape(String.join("; ", all))
        + ".</p>\n";
  }

  private String measured() {
    JsonNode measured = content.path("measured");
    StringBuilder rows =
        new StringBuilder(
            "<table><thead><tr><th>What<th>Measured<th>Objective<th>Met</tr></thead><tbody>\n");
    rows.append(
        objective("rto", "RTO: from the request to the last check, waiting included", "rtoMillis"));
    rows.append(
        objective(
            "rpo",
            "RPO: how much older than the end of the backup its newest row is",
            "rpoMillis"));
    rows.append("</tbody></table>\n");
    List<String> phases = new ArrayList<>();
    for (JsonNode phase : measured.path("phases")) {
      phases.add(text(phase, "name") + " " + millis(phase, "millis"));
    }
    return rows
        + "<p class=\"quiet\">"
        + (phases.isEmpty() ? "No phase was timed." : "Phases: " + String.join(", ", phases) + ".")
        + " Removing what was restored is not part of the RTO. An objective that was missed does"
        + " not change the verdict, which is about the backup.</p>\n";
  }

  private String objective(String name, String what, String field) {
    JsonNode measured = content.path("measured");
    String promised = "none";
    String met = "–";
    for (JsonNode objective : content.path("objectives")) {
      if (objective.path("name").asText().equals(name)) {
        promised = "at most " + millis(objective, "millis");
        met = met(objective.path("met").asBoolean(), measured.has(field));
      }
    }
    return "<tr><td>"
        + Html.escape(what)
        + "</td><td>"
        + (measured.has(field) ? millis(measured, field) : "not measured")
        + "</td><td>"
        + promised
        + "</td><td>"
        + met
        + "</td></tr>\n";
  }

  private static String met(boolean met, boolean isMeasured) {
    if (met) {
      return "yes";
    }
    return isMeasured ? "<b class=\"fail\">no</b>" : "<b class=\"error\">not shown</b>";
  }

  private String environment() {
    JsonNode environment = content.path("environment");
    JsonNode cleanup = content.path("cleanup");
    StringBuilder rows = new StringBuilder("<table><tbody>\n");
    rows.append(
        Html.row(
            "Scratch",
            environment.has("scratch")
                ? text(environment, "scratch") + ", network: " + text(environment, "network")
                : "none could be had"));
    if (environment.has("version")) {
      rows.append(Html.row("Version", text(environment, "version")));
    }
    if (environment.has("image")) {
      rows.append(Html.row("Image", "<code>" + text(environment, "image") + "</code>"));
    }
    rows.append(
        Html.row(
            "Lifeboat",
            text(content, "toolVersion")
                + ", Java "
                + text(environment, "java")
                + ", "
                + text(environment, "platform")));
    rows.append(
        Html.row(
            "Afterwards",
            cleanup.path("complete").asBoolean()
                ? "everything that was restored was removed again"
                : "<b class=\"fail\">not all was removed:</b> "
                    + String.join("; ", texts(cleanup.path("leaked")))));
    return rows.append("</tbody></table>\n").toString();
  }

  private String limitations() {
    List<String> limitations = texts(content.path("limitations"));
    if (limitations.isEmpty()) {
      return "<p>The record names no limitation. It speaks of this snapshot only, and of the checks"
          + " above only.</p>\n";
    }
    return "<ul>\n<li>"
        + String.join("</li>\n<li>", limitations)
        + "</li>\n</ul>\n<p>It speaks of this snapshot only, and of the checks above only.</p>\n";
  }

  private String validity() {
    return content.has("validUntil")
        ? "<p>Until "
            + time(content, "validUntil")
            + ": the plan wants a newer proof by then. A plan that was changed since has another"
            + " state than the one named above.</p>\n"
        : "<p>The plan sets no time by which it wants a newer proof. A plan that was changed since"
            + " has another state than the one named above.</p>\n";
  }

  private String howToVerify() {
    return String.format(
        Locale.ROOT,
        """
        <ol>
        <li>Get the public key whose id is <code>%s</code> from somebody you trust, on another way than this page. It
        begins with <code>lifeboat-verify-1</code>; <code>lifeboat evidence key</code> prints it where the drill was run.</li>
        <li>Offline, on any machine with Lifeboat: <code>lifeboat evidence verify THIS-FILE --key KEY</code>. It holds the
        document below against its signature, makes this page anew from it, and compares every byte.</li>
        <li>Without Lifeboat: the document below has two lines. The second is <code>ed25519</code>, the key's id and a signature in
        hexadecimal: by Ed25519, over <code>lifeboat evidence v1</code>, a line feed, and the first line.</li>
        </ol>
        <p>One record alone does not show that there are no others. A folder of <code>lifeboat evidence export</code> does: there,
        records are numbered without a gap, each names the one before it, and a signed head says how many there are.</p>
        """,
        Html.visible(document.keyId()));
  }

  private static String text(JsonNode parent, String field) {
    return Html.visible(parent.path(field).asText());
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(Html.visible(text.asText())));
    return texts;
  }

  private static String millis(JsonNode parent, String field) {
    return Html.duration(Duration.ofMillis(parent.path(field).asLong()));
  }

  /** A time as people read it; as it was written, if it is none. */
  private static String time(JsonNode parent, String field) {
    String written = parent.path(field).asText();
    try {
      return Html.time(Instant.parse(written));
    } catch (DateTimeException e) {
      return Html.visible(written);
    }
  }
}
