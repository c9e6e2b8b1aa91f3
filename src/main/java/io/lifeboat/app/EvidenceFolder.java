package io.lifeboat.app;

import io.lifeboat.drill.EvidenceChain;
import io.lifeboat.drill.EvidenceDocument;
import io.lifeboat.drill.EvidenceHead;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What lies in a folder of exported evidence beside the signed documents: for people, and all of it
 * follows from them, so it can be made anew and compared.
 */
final class EvidenceFolder {
  static final String INDEX = "index.html";
  static final String KEYS = "KEYS.txt";
  static final String README = "README.txt";
  static final String PAGE_ENDING = ".html";

  private EvidenceFolder() {}

  /** The files for people, by their names. */
  static Map<String, byte[]> forPeople(
      Collection<EvidenceDocument> records, EvidenceHead head, String headKeyId) {
    Map<String, byte[]> files = new TreeMap<>();
    for (EvidenceDocument record : records) {
      files.put(EvidenceChain.stem(record) + PAGE_ENDING, utf8(EvidencePage.html(record)));
    }
    files.put(INDEX, utf8(EvidenceIndexPage.html(records, head, headKeyId)));
    files.put(KEYS, utf8(keys(head)));
    files.put(README, utf8(readme(head, headKeyId)));
    return files;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String keys(EvidenceHead head) {
    return "# Public keys of whoever signed this evidence, layout "
        + EvidencePage.LAYOUT
        + ".\n"
        + "# Trust none because it is written here: compare each with what somebody you trust\n"
        + "# says, on another way. `lifeboat evidence key` prints them where the drills were run.\n"
        + String.join("\n", head.keys())
        + "\n";
  }

  private static String readme(EvidenceHead head, String headKeyId) {
    return String.format(
        Locale.ROOT,
        """
        Evidence of restore drills, layout %d

        %d signed records of repository %s, as they were at %s.

          head.evidence         how many records there are; signed by key %s
          NNNNNN-DRILL.evidence a record: one line of JSON, and one with its signature
          NNNNNN-DRILL.html     the same for people, to read and to print
          index.html            begin here
          KEYS.txt              the public keys of whoever signed

        To verify, on any machine with Lifeboat and Java, offline and without a configuration:

          lifeboat evidence verify FOLDER --key KEY

        KEY is a public key that you got from somebody you trust, on another way than this
        folder; give --key once for each in KEYS.txt that you trust. It ends with status 0
        and VALID only if no record was altered, removed, added or put in another's place,
        and if every page says what its record says.

        Without Lifeboat: the second line of a record is "ed25519", a key's id and a signature
        in hexadecimal, by Ed25519 (RFC 8032) over "lifeboat evidence v1", a line feed, and
        the first line without its line feed; that of head.evidence is over "lifeboat
        evidence-head v1" instead. KEY is Bech32 (BIP 173) of the key's 32 bytes, its id the
        first 16 digits of their SHA-256. Records are numbered from 1 without a gap
        ("number"), each names the SHA-256 of the whole file before it ("prev"; 64 zeros for
        none), and head.evidence says how many there are ("count") and the SHA-256 of the
        last ("last").
        """,
        EvidencePage.LAYOUT,
        head.count(),
        head.repository(),
        Html.time(head.at()),
        headKeyId);
  }
}
