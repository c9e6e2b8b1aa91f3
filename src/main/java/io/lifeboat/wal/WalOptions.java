package io.lifeboat.wal;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How WAL of one source is received.
 *
 * @param slot the physical slot's name on the server; made if there is none
 * @param flushInterval how long bytes wait at most before they are sent to the repository
 * @param spoolBudgetBytes how much may wait in the spool; beyond that it waits on the server
 */
public record WalOptions(
    String slot, Acknowledge acknowledge, Duration flushInterval, long spoolBudgetBytes) {
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final long LEAST_BUDGET_BYTES = 1 << 20;

  /** When the server may remove WAL. */
  public enum Acknowledge {
    /** Once it is on the disk of this host. */
    LOCAL,
    /** Once it is in the repository. */
    REPOSITORY
  }

  /**
   * Checks the values.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID}
   */
  public WalOptions {
    if (!SLOT.matcher(slot).matches()) {
      throw invalid(
          "'" + slot + "' is no name of a replication slot",
          "Take lower-case letters, digits and underscores, 63 at most.");
    }
    if (flushInterval.compareTo(SHORTEST_INTERVAL) < 0) {
      throw invalid("A flush interval of " + flushInterval + " is too short", "Take PT1S or more.");
    }
    if (spoolBudgetBytes < LEAST_BUDGET_BYTES) {
      throw invalid(
          "A spool budget of " + spoolBudgetBytes + " bytes is too small", "Take 1 GiB or more.");
    }
  }

  private static PermanentException invalid(String fact, String hint) {
    return new PermanentException(ErrorCode.CONFIG_INVALID, fact, hint);
  }
}
