package io.lifeboat.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * How fast a server's bytes arrive here, measured with made-up rows that {@code COPY} sends: no
 * table is read, no right is needed, nothing is kept on either side. It is not the replication
 * protocol, and no disk takes part, so a base backup is at most about as fast.
 */
final class LinkSpeed {
  private static final String QUERY_CANCELED = "57014";

  /**
   * Rows of 64 KiB, far more than fit into the time. The inner query hands its numbers on one by
   * one; as a table function it would first write them all to the server's disk.
   */
  private static final String ROWS =
      "COPY (SELECT repeat('x', 65536) FROM (SELECT generate_series(1, 100000000)) AS numbers)"
          + " TO STDOUT (FORMAT binary)";

  private LinkSpeed() {}

  /**
   * Bytes a second; 0 if nothing came in time.
   *
   * @param time after which the server itself ends the answer
   */
  static long bytesPerSecond(Connection connection, Duration time) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET statement_timeout = " + time.toMillis());
    }
    CopyOut rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(ROWS);
    long bytes = 0;
    long startNanos = System.nanoTime();
    try {
      for (byte[] row = rows.readFromCopy(); row != null; row = rows.readFromCopy()) {
        bytes += row.length;
      }
    } catch (SQLException e) {
      if (!QUERY_CANCELED.equals(e.getSQLState())) {
        throw e;
      }
    }
    double seconds = Math.max(1, System.nanoTime() - startNanos) / 1e9;
    return (long) (bytes / seconds);
  }

  /** What a speed means for a cluster of this size. */
  static String sentence(long bytesPerSecond, long clusterBytes) {
    if (bytesPerSecond == 0) {
      return "Nothing came over the network in the time of the measurement.";
    }
    return String.format(
        Locale.ROOT,
        "%.0f MB/s come over the network (by SQL, not by the replication protocol): a full backup"
            + " of %.0f MB takes at least %s.",
        bytesPerSecond / 1e6,
        clusterBytes / 1e6,
        words(Duration.ofSeconds(clusterBytes / bytesPerSecond + 1)));
  }

  private static String words(Duration time) {
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toSeconds() + " s";
  }
}
