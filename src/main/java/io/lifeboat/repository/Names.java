package io.lifeboat.repository;

import java.util.HexFormat;
import java.util.regex.Pattern;

/** What the objects of a repository are called. */
final class Names {
  static final String FORMAT = "format";
  static final String README = "README.txt";
  static final String SPECIFICATION = "spec/repository-format.md";
  static final String LOG = "log/";

  /** There in a copy: its log is continued elsewhere. */
  static final String COPY_MARK = LOG + "copy";

  static final String PACKS = "p/";
  static final String INDEX = "x/";
  static final String EVIDENCE = "e/";
  static final String KEYS = "k/";
  static final String WAL = "w/";
  static final String PROBE = "probe/";
  static final String ATTESTATIONS = "a/";

  private static final Pattern LOG_ENTRY = Pattern.compile(LOG + "[0-9a-f]{16}");

  private Names() {}

  static String log(long number) {
    return LOG + HexFormat.of().toHexDigits(number);
  }

  /** Whether an object of this name is an entry of a log. */
  static boolean isLogEntry(String name) {
    return LOG_ENTRY.matcher(name).matches();
  }

  /** The number of an entry by its name. */
  static long logNumber(String name) {
    return Long.parseUnsignedLong(name.substring(LOG.length()), 16);
  }

  static String pack(PackKind kind, PackId id) {
    String hex = id.toString();
    return PACKS + kind.letter() + "/" + hex.substring(0, 2) + "/" + hex;
  }

  static String index(String domain) {
    return INDEX + domain + "/";
  }

  /** The object that an entry names. */
  static String evidence(LogRecord.Evidence entry) {
    return entry.isChained()
        ? evidence(entry.drill(), entry.number())
        : EVIDENCE + entry.drill(); // of before evidence had numbers
  }

  static String evidence(String drill, long number) {
    return EVIDENCE + drill + "-" + number;
  }
}
