package io.lifeboat.postgres;

import java.time.Duration;
import java.util.List;

/**
 * How a server writes and sends WAL.
 *
 * @param segmentBytes {@code wal_segment_size}: a power of two from 1 MiB to 1 GiB
 * @param senderTimeout a receiver that says nothing for this long is cut off; zero: never
 */
public record WalSettings(int segmentBytes, Duration senderTimeout) {
  /**
   * Asks a server.
   *
   * @throws io.lifeboat.error.LifeboatException as {@link PostgresServer#sql} does
   */
  public static WalSettings of(PostgresServer server) {
    String query =
        "SELECT pg_size_bytes(current_setting('wal_segment_size')),"
            + " (SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout')";
    List<String> row = server.sql(connection -> PostgresServer.rows(connection, query)).getFirst();
    return new WalSettings(
        Integer.parseInt(row.get(0)), Duration.ofMillis(Long.parseLong(row.get(1))));
  }
}
