package io.lifeboat.app;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What the pages that Lifeboat writes have in common: black on white, for A4, without a script.
 * What changes here changes the layout of evidence, see {@link EvidencePage#LAYOUT}.
 */
final class Html {
  /** The beginning of each page's style. */
  static final String PAPER =
      """
      @page { size: A4; margin: 14mm }
      body { font: 10.5pt/1.35 sans-serif; color: #000; background: #fff; max-width: 182mm; margin: auto }
      h1 { font-size: 17pt; margin: 0 0 1mm } h2 { font-size: 11.5pt; margin: 4mm 0 1mm }
      p, ol { margin: 0 0 1.5mm } ol { padding-left: 6mm }
      code, pre { font-family: monospace; font-size: 9.5pt } pre { margin: 0 0 1.5mm; white-space: pre-wrap }
      """;

  /** What pages with tables add to it. */
  static final String TABLES =
      """
      @page { @bottom-right { content: counter(page) " of " counter(pages); font: 8pt sans-serif; color: #444 } }
      table { border-collapse: collapse; width: 100%; margin: 0 0 1.5mm; font-size: 9pt } thead { display: table-header-group }
      th, td { text-align: left; vertical-align: top; padding: 0.8mm 3mm 0.8mm 0; border-bottom: 0.2mm solid #bbb; overflow-wrap: anywhere }
      thead th { border-bottom: 0.4mm solid #000 } tbody th { font-weight: normal; color: #444; width: 32mm } tr { break-inside: avoid }
      td code { font-size: 8.5pt } thead .half { width: 36% } .name { min-width: 20mm } thead th, td b, .short { white-space: nowrap; overflow-wrap: normal }
      h2 { break-after: avoid } ul { margin: 0 0 1.5mm; padding-left: 6mm } a { color: #000 } .quiet { color: #444; font-size: 9pt }
      .verdict { border: 0.4mm solid #000; border-left-width: 4mm; padding: 2mm 3mm; margin: 2mm 0 3mm; break-inside: avoid }
      .verdict > b:first-child { font-size: 14pt } .pass { border-color: #1a7f37 } .fail { border-color: #b3261e } .error, .skipped { border-color: #9a6700 }
      b.pass { color: #1a7f37 } b.fail { color: #b3261e } b.error, b.skipped { color: #7a5200 }
      #document { font-size: 7.5pt; word-break: break-all; unicode-bidi: bidi-override; direction: ltr; border: 0.2mm solid #bbb; padding: 1.5mm }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
      @media screen { body { padding: 8mm 4mm } }
      """;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Html() {}

  /** Text as it is. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The text that {@link #escape} was given. */
  static String unescape(String html) {
    return html.replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&");
  }

  /**
   * Text that others chose, such as a table's name: what would not be seen in it is written out.
   */
  static String visible(String text) {
    return escape(ItemJson.printable(text));
  }

  /** A time to the second. */
  static String time(Instant time) {
    return TIME.format(time);
  }

  /** A duration as people say it: the two largest units. */
  static String duration(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + " d " + duration.toHoursPart() + " h";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }
    return Output.seconds(duration);
  }

  /** The class that colours a verdict; none for a word that is no verdict. */
  static String colour(String verdict) {
    return switch (verdict) {
      case "PASS" -> "pass";
      case "FAIL" -> "fail";
      case "ERROR" -> "error";
      case "SKIPPED" -> "skipped";
      default -> "unknown";
    };
  }

  /** A verdict, coloured. */
  static String verdict(String verdict) {
    return "<b class=\"" + colour(verdict) + "\">" + visible(verdict) + "</b>";
  }

  /** A row of a table of two columns; {@code html} is not escaped. */
  static String row(String name, String html) {
    return "<tr><th scope=\"row\">" + escape(name) + "</th><td>" + html + "</td></tr>\n";
  }

  /** A whole page. */
  static String page(String title, int layout, String body) {
    return String.format(
        Locale.ROOT,
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="generator" content="%s%d"><meta name="viewport" content="width=device-width">
        <title>%s</title>
        <style>
        %s%s</style></head>
        <body>
        %s</body>
        </html>
        """,
        GENERATOR,
        layout,
        escape(title),
        PAPER,
        TABLES,
        body);
  }

  /** What the layout's number stands behind in a page. */
  static final String GENERATOR = "Lifeboat, page layout ";
}
