package io.lifeboat.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.EvidenceHead;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.swing.text.html.HTML;
import javax.swing.text.html.HTMLEditorKit;
import javax.swing.text.html.parser.ParserDelegator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidencePageTest {
  private static final String HOSTILE =
      "</td></pre><script>alert(1)</script><img src=\"https://evil.example/x\">&lt;'\u202egnp\u0007"
          + " '</pre>";

  /** Always the same, as the page that is pinned below is; it protects nothing. */
  private static final SigningKey KEY =
      SigningKey.parse(
          "LIFEBOAT-SIGNING-KEY-1QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURSWPC8QURS4LF3DU");

  private static byte[] signed(String text, String verdict) {
    Map<String, Object> record = new TreeMap<>();
    record.put("schema", "lifeboat.evidence.v2");
    record.put("drill", "dr_1");
    record.put("repository", "7f3a");
    record.put("number", 2);
    record.put("prev", "sha256:" + "a".repeat(64));
    record.put("actor", text);
    record.put("plan", Map.of("name", text, "digest", "sha256:" + "b".repeat(64)));
    record.put(
        "backup",
        new TreeMap<>(
            Map.of(
                "snapshot",
                "s1",
                "source",
                text,
                "type",
                "postgres",
                "startedAt",
                "2026-01-31T02:00:00Z",
                "finishedAt",
                "2026-01-31T02:10:00Z",
                "ageMillis",
                600_000,
                "bytes",
                1_400_000_000,
                "files",
                1234)));
    record.put(
        "environment",
        Map.of("scratch", "docker", "network", "none", "version", text, "java", "25"));
    record.put(
        "objectives",
        List.of(
            Map.of("name", "rto", "millis", 60_000, "met", false, "measuredMillis", 61_000),
            Map.of("name", "rpo", "millis", 300_000, "met", true, "measuredMillis", 10)));
    record.put(
        "measured",
        Map.of(
            "rtoMillis", 61_000,
            "rpoMillis", 10,
            "phases", List.of(Map.of("name", "restore", "millis", 40_000))));
    record.put(
        "checks",
        List.of(
            Map.of(
                "id", "CNT-1", "level", "L6", "result", verdict, "meaning", text, "detail", text)));
    record.put("verdict", verdict);
    record.put("level", "L5");
    record.put("requestedAt", "2026-01-31T02:20:00Z");
    record.put("finishedAt", "2026-01-31T02:21:01.5Z");
    record.put("validUntil", "2026-02-07T02:21:01.5Z");
    record.put("cleanup", Map.of("complete", true, "leaked", List.of()));
    record.put("limitations", List.of(text));
    record.put("toolVersion", "1.0.0");
    try {
      String json =
          JsonMapper.builder()
              .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
              .build()
              .writeValueAsString(record);
      return SignedText.sign("evidence", json, KEY);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String page(String text, String verdict) {
    return EvidencePage.html(EvidenceDocument.parse(signed(text, verdict)));
  }

  @Test
  void thePageOfALayoutIsAlwaysTheSame() throws Exception {
    var all = MessageDigest.getInstance("SHA-256");
    for (String verdict : List.of("PASS", "FAIL", "ERROR", "SKIPPED")) {
      all.update(page("shop", verdict).getBytes(StandardCharsets.UTF_8));
    }
    var head =
        new EvidenceHead(
            "7f3a",
            2,
            "c".repeat(64),
            Instant.parse("2026-02-01T00:00:00Z"),
            List.of(KEY.verifyKey().text()),
            List.of());
    EvidenceFolder.forPeople(
            List.of(EvidenceDocument.parse(signed("shop", "PASS"))), head, KEY.verifyKey().id())
        .forEach((name, bytes) -> all.update(bytes));

    // Pages that were handed out are compared with what is made anew: whoever changes them raises
    // EvidencePage.LAYOUT, and then the hash here.
    assertThat(EvidencePage.LAYOUT + " " + HexFormat.of().formatHex(all.digest()))
        .isEqualTo("1 50818971bdf968741af3efce9f00985eaa6f2932d94a20e5ef3a83d1e630ede5");
  }

  @Test
  void itSaysWhatWasProvenOfWhatAndHowItWasMeasured() {
    assertThat(page("shop", "FAIL"))
        .contains("<b>FAIL</b>: The backup is bad")
        .contains("Proven to level L5: its structure is sound.")
        .contains("2026-01-31 02:10:00 UTC")
        .contains("1.4 GB in 1234 files", "10 min 00 s old")
        .contains("<td>1 min 01 s</td><td>at most 1 min 00 s</td><td><b class=\"fail\">no</b>")
        .contains("<td>0.0 s</td><td>at most 5 min 00 s</td><td>yes</td>")
        .contains("Until 2026-02-07 02:21:01 UTC")
        .contains("number 2 of repository <code>7f3a</code>")
        .contains(KEY.verifyKey().id());
    assertThat(page("shop", "PASS")).contains("<b>PASS</b>: Everything that was required");
    assertThat(page("shop", "ERROR")).contains("nothing is said about the backup");
    assertThat(page("shop", "SKIPPED")).contains("could not be tried");
  }

  @Test
  void hostileTextStaysTextAndTheDocumentComesOutOfItUnchanged() throws Exception {
    byte[] document = signed(HOSTILE, "PASS");
    String html = EvidencePage.html(EvidenceDocument.parse(document));

    assertThat(EvidencePage.document(html).orElseThrow()).isEqualTo(document);
    assertThat(html).doesNotContain("<script", "<img");
    String forPeople = html.substring(0, html.indexOf("<pre id=\"document\">"));
    assertThat(forPeople).doesNotContain("\u202e", "\u0007").contains("\\u202e", "\\u0007");
    requireNothingThatRunsOrLoads(html);
    requireNothingThatRunsOrLoads(page("shop", "FAIL"));
  }

  /** Read by a parser of HTML, not by a search for words. */
  private static void requireNothingThatRunsOrLoads(String html) throws Exception {
    new ParserDelegator()
        .parse(
            new StringReader(html),
            new HTMLEditorKit.ParserCallback() {
              @Override
              public void handleStartTag(
                  HTML.Tag tag, javax.swing.text.MutableAttributeSet attributes, int at) {
                assertThat(tag).isNotIn(HTML.Tag.SCRIPT, HTML.Tag.OBJECT, HTML.Tag.IMG);
                assertThat(attributes.isDefined(HTML.Attribute.SRC)).isFalse();
                assertThat(attributes.isDefined(HTML.Attribute.HREF)).isFalse();
              }

              @Override
              public void handleSimpleTag(
                  HTML.Tag tag, javax.swing.text.MutableAttributeSet attributes, int at) {
                assertThat(tag).isNotIn(HTML.Tag.IMG, HTML.Tag.LINK, HTML.Tag.FRAME);
              }
            },
            true);
    assertThat(html).doesNotContain("url(", "@import", "http:");
  }

  @Test
  void aPageThatIsNoneAndOneOfAnotherLayoutAreNotProven(@TempDir Path folder) throws Exception {
    String sound = page(HOSTILE, "PASS");
    Path file = folder.resolve("page.html");

    Files.writeString(file, sound);
    InThisJvm.Ended valid = verify(file);
    assertThat(valid.status()).as(valid.out()).isZero();
    assertThat(valid.out())
        .startsWith("VALID: signed by key " + KEY.verifyKey().id())
        .contains("drill dr_1, verdict PASS, proven to L5", "snapshot s1 of source ")
        .contains("number 2 of repository 7f3a")
        .doesNotContain("\u202e", "\u0007");

    Files.writeString(file, sound.replaceFirst("page layout 1", "page layout 2"));
    assertThat(verify(file).status()).isEqualTo(1);
    assertThat(verify(file).out())
        .contains("NOT VALID", "page layout 1", "rely on the signed document alone");

    Files.writeString(file, sound.replaceFirst("<pre id=\"document\">", "<pre>"));
    assertThat(verify(file).status()).isEqualTo(1);
    assertThat(verify(file).out()).contains("holds no signed document");

    Files.writeString(file, sound.replace("10 min 00 s old", "10 min 01 s old"));
    assertThat(verify(file).out()).contains("NOT VALID", "the page was altered: from line ");
  }

  private static InThisJvm.Ended verify(Path file) {
    return InThisJvm.run(
        Map.of(), "evidence", "verify", file.toString(), "--key", KEY.verifyKey().text());
  }
}
