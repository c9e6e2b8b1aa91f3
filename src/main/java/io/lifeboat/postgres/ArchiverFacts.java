package io.lifeboat.postgres;

import java.util.List;
import java.util.Optional;

/**
 * What a server says of its archiving.
 *
 * @param end up to where it has WAL
 * @param mode {@code archive_mode}
 * @param command {@code archive_command}; the server shows none while the mode is off
 * @param library {@code archive_library}, which takes the command's place unless it is empty
 * @param timeoutSeconds {@code archive_timeout}; 0: a segment may stay open for ever
 * @param lastFailed what could not be archived last, if anything ever
 * @param failing whether that is newer than the last success
 */
public record ArchiverFacts(
    Lsn end,
    String mode,
    String command,
    String library,
    int timeoutSeconds,
    long failedCount,
    Optional<String> lastFailed,
    boolean failing) {
  /**
   * Asks a server.
   *
   * @throws io.lifeboat.error.LifeboatException as {@link PostgresServer#sql} does
   */
  public static ArchiverFacts of(PostgresServer server) {
    String query =
        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
            + " ELSE pg_current_wal_flush_lsn() END,"
            + " current_setting('archive_mode'), current_setting('archive_command'),"
            + " current_setting('archive_library'),"
            + " (SELECT setting FROM pg_settings WHERE name = 'archive_timeout'),"
            + " failed_count, coalesce(last_failed_wal, ''),"
            + " coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)"
            + " FROM pg_stat_archiver";
    List<String> row = server.sql(connection -> PostgresServer.rows(connection, query)).getFirst();
    return new ArchiverFacts(
        Lsn.parse(row.get(0)),
        row.get(1),
        row.get(2),
        row.get(3),
        Integer.parseInt(row.get(4)),
        Long.parseLong(row.get(5)),
        Optional.of(row.get(6)).filter(name -> !name.isEmpty()),
        row.get(7).equals("t"));
  }

  /** Whether it archives at all. */
  public boolean archives() {
    return !mode.equals("off") && (!command.isBlank() || !library.isBlank());
  }
}
