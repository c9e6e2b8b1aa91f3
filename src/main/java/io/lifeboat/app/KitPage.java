package io.lifeboat.app;

import io.lifeboat.crypto.RecoveryKit;
import io.lifeboat.crypto.XWingIdentity;
import java.util.List;
import java.util.Locale;

/**
 * A recovery kit as one page of HTML that needs nothing else, black on white, for one or two sheets
 * of A4. It says the same as the file, and shows each key in groups to be typed and as a code to be
 * scanned.
 */
final class KitPage {
  private static final int GROUP = 6;
  private static final String STYLE =
      Html.PAPER
          + """
          .key { display: flex; border: 0.4mm solid #000; margin: 2mm 0; padding: 1mm 1mm 1mm 3mm; break-inside: avoid }
          .key div { flex: 1; padding-right: 3mm } .key svg { width: 36mm; height: 36mm; flex: none }
          .key code { font-size: 11pt; line-height: 1.55 } .key code span { display: inline-block; margin-right: 2.2mm }
          """;

  private final RecoveryKit kit;

  KitPage(RecoveryKit kit) {
    this.kit = kit;
  }

  /** The whole document: secret. */
  String html() {
    return String.format(
        Locale.ROOT,
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Lifeboat recovery kit</title>
        <style>
        %s</style></head>
        <body>
        <h1>Lifeboat recovery kit</h1>
        <p>Made on %s. <b>Secret:</b> whoever has one of the identities below can read all backups. Without
        one nobody can, and nobody can help you.</p>
        <h2>How to keep it</h2>
        <p>Print this page, lock it away, apart from the machines that are backed up; two people should know
        where. Then delete this file and <code>recovery-kit.txt</code> from the backup host, which needs no key
        to read. The admin key and one identity are enough, so the other can be kept elsewhere. The
        access keys of the store are not here: keep them beside it. Try it once a year.</p>
        %s%s<h2>To restore</h2>
        <ol>
        <li>On any machine with Java 25 and Lifeboat, make the text file <code>recovery-kit.txt</code> of four
        lines, each from its beginning to its end, without the gaps:
        <pre># Lifeboat recovery kit, format 1
        # created: %s
        # <i>the admin key</i>
        <i>an identity</i></pre>
        Scan the codes or type the text. Typing errors are noticed; the letters b, i, o and the digit 1
        never occur after the first 1.</li>
        <li>See what there is, and restore it:
        <pre>%s</pre></li>
        <li>Without Lifeboat: the store holds its own format in <code>README.txt</code> and <code>spec/</code>.
        age 1.3 or later opens its envelopes with <code>age -d -i recovery-kit.txt</code>.</li>
        </ol>
        %s</body>
        </html>
        """,
        STYLE,
        kit.created(),
        adminKey(),
        identities(),
        kit.created(),
        commands(),
        places());
  }

  private String adminKey() {
    String what =
        kit.adminSecret().isPresent()
            ? "Admin key " + kit.admin().id() + ": signs and proves, reads nothing"
            : "Public half of the admin key " + kit.admin().id() + ": proves, reads nothing";
    return key(what, kit.adminText());
  }

  private String identities() {
    StringBuilder all = new StringBuilder();
    List<XWingIdentity> identities = kit.identities();
    for (int i = 0; i < identities.size(); i++) {
      String which =
          "Identity "
              + (i + 1)
              + " of "
              + identities.size()
              + ", "
              + identities.get(i).recipient().fingerprint()
              + ": reads everything";
      all.append(key(which, identities.get(i).secretText()));
    }
    return all.toString();
  }

  private static String key(String what, String text) {
    StringBuilder groups = new StringBuilder();
    for (int at = 0; at < text.length(); at += GROUP) {
      String group = text.substring(at, Math.min(text.length(), at + GROUP));
      groups.append("<span>").append(Html.escape(group)).append("</span>");
    }
    return "<div class=\"key\"><div><b>"
        + Html.escape(what)
        + "</b><br><code>"
        + groups
        + "</code></div>"
        + QrCode.svg(text)
        + "</div>\n";
  }

  private String commands() {
    StringBuilder all = new StringBuilder();
    List<String> stores =
        kit.repositories().stream().map(RecoveryKit.KnownRepository::quotedStore).toList();
    for (String store : stores.isEmpty() ? List.of("STORE") : stores) {
      String options = "--store " + store + " --identity recovery-kit.txt";
      all.append("lifeboat snapshots ").append(options).append('\n');
      all.append("lifeboat restore ")
          .append(options)
          .append(" \\\n  --source SOURCE --target FOLDER\n");
    }
    return Html.escape(all.toString().strip());
  }

  private String places() {
    StringBuilder all = new StringBuilder("<h2>Where the backups lie</h2>\n");
    if (kit.repositories().isEmpty()) {
      all.append(
          "<p>Not known when this kit was made. STORE is <code>folder:PATH</code> or"
              + " <code>s3:ENDPOINT/BUCKET/PREFIX</code>: ______________________________</p>\n");
    }
    for (RecoveryKit.KnownRepository repository : kit.repositories()) {
      all.append("<p><code>")
          .append(Html.escape(repository.store()))
          .append("</code>, repository ")
          .append(Html.escape(repository.id()))
          .append("</p>\n");
    }
    return all.toString();
  }
}
