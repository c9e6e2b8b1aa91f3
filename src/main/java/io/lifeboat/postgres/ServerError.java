package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What an ErrorResponse or NoticeResponse message says.
 *
 * @param severity {@code ERROR}, {@code FATAL}, {@code WARNING}, …, never translated
 * @param sqlState five characters
 */
record ServerError(String severity, String sqlState, String message, String detail, String hint) {
  /** A segment or a history that was removed. */
  static final String MISSING_FILE = "58P01";

  /**
   * Reads {@code (type byte || text || 0)* || 0}.
   *
   * @see <a href="https://www.postgresql.org/docs/current/protocol-error-fields.html">Error and
   *     notice fields</a>
   */
  static ServerError parse(byte[] body) {
    Map<Character, String> fields = new HashMap<>();
    int start = 0;
    while (start < body.length && body[start] != 0) {
      int end = start + 1;
      while (end < body.length && body[end] != 0) {
        end++;
      }
      String text = new String(body, start + 1, end - start - 1, StandardCharsets.UTF_8);
      fields.put((char) body[start], text);
      start = end + 1;
    }
    return new ServerError(
        fields.getOrDefault('V', fields.getOrDefault('S', "ERROR")),
        fields.getOrDefault('C', "XX000"),
        fields.getOrDefault('M', "no message"),
        fields.getOrDefault('D', ""),
        fields.getOrDefault('H', ""));
  }

  /** The failure of a replication command. */
  LifeboatException failure(PostgresAddress address, ReplicationPurpose purpose, String command) {
    if ("42501".equals(sqlState)) {
      return ConnectionFailures.roleLacksReplication(address, null);
    }
    if ("53300".equals(sqlState) || "53400".equals(sqlState)) {
      return ConnectionFailures.noCapacity(address, sentence(), null);
    }
    String fact = "PostgreSQL at " + address.place() + " ended " + command + ": " + sentence();
    if (purpose == ReplicationPurpose.WAL && MISSING_FILE.equals(sqlState)) {
      return new PermanentException(
          ErrorCode.WAL_REMOVED,
          fact,
          "What is missing cannot be had from this server any more: take a new full backup.");
    }
    if (isPassing()) {
      return new TransientException(
          purpose.code(),
          fact,
          purpose.consequence()
              + " It goes on once the server is well and this is run again; the server's log says"
              + " who ended the session (a shutdown, somebody, or max_slot_wal_keep_size).");
    }
    if (sqlState.startsWith("XX001")) {
      return new PermanentException(
          purpose.code(),
          fact,
          "The server found damaged pages in its own files; its log names them. Mend or restore"
              + " those relations before anything else: every new backup would hold the damage.");
    }
    return new PermanentException(
        purpose.code(),
        fact,
        hint.isEmpty() ? "The server's log says more. " + purpose.consequence() : hint);
  }

  /** Shutdown, lost sessions, full disks and the like: SQLSTATE classes 08, 40, 53, 57, 58. */
  private boolean isPassing() {
    return sqlState.matches("(08|40|53|57|58).*") || "FATAL".equals(severity);
  }

  /**
   * Whether it may be that the server cannot take an incremental backup, but a full one: WAL
   * summaries are off or lacking, it is another system, or it has another history.
   */
  boolean mayConcernTheParent() {
    return severity.equals("ERROR") && !sqlState.matches("(08|40|53|57|42501).*");
  }

  /** Message, detail and code in one line. */
  String sentence() {
    String more = detail.isEmpty() ? "" : " (" + detail + ")";
    return (message + more).strip().replaceAll("\\s*\\R\\s*", " / ") + " [" + sqlState + "]";
  }
}
