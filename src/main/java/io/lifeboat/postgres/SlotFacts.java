package io.lifeboat.postgres;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server says of a replication slot.
 *
 * @param activeFor the process that uses it
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty if
 *     it keeps nothing
 * @param safeWalBytes how much WAL can still be written until the slot may be lost; empty if {@code
 *     max_slot_wal_keep_size} sets no limit
 * @param serverEnd up to where the server has WAL
 */
public record SlotFacts(
    boolean physical,
    Optional<String> activeFor,
    Optional<String> walStatus,
    OptionalLong safeWalBytes,
    Lsn serverEnd) {
  /** Whether the server has removed WAL that the slot should have kept. */
  public boolean isLost() {
    return walStatus.filter("lost"::equals).isPresent();
  }

  /**
   * Asks a server.
   *
   * @return empty if there is no slot of that name
   * @throws io.lifeboat.error.LifeboatException as {@link PostgresServer#sql} does
   */
  public static Optional<SlotFacts> of(PostgresServer server, String slot) {
    String query =
        "SELECT slot_type, active_pid, wal_status, safe_wal_size,"
            + " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
            + " ELSE pg_current_wal_lsn() END"
            + " FROM pg_replication_slots WHERE slot_name = ?";
    return server.sql(connection -> PostgresServer.rows(connection, query, slot)).stream()
        .map(SlotFacts::of)
        .findFirst();
  }

  private static SlotFacts of(List<String> row) {
    return new SlotFacts(
        row.get(0).equals("physical"),
        text(row.get(1)),
        text(row.get(2)),
        row.get(3).isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(row.get(3))),
        row.get(4).isEmpty() ? new Lsn(0) : Lsn.parse(row.get(4)));
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
