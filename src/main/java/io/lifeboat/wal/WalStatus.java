package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SlotFacts;
import java.time.Instant;
import java.util.Optional;

/**
 * How a receiver fares at one moment.
 *
 * @param reason why it is stalled, if it is; also while {@code state} tells of a gap
 * @param since when it got into this state
 * @param progress empty until something was received, now or by an earlier run
 * @param recoveryPoint up to when everything that was committed is in the repository; empty until
 *     that is known
 * @param unshippedBytes what waits in the spool
 * @param slot what the server last said of the slot
 * @param gap the WAL that is missing, until a new full backup was taken
 * @param lastError the newest failure, as a sentence
 */
public record WalStatus(
    WalState state,
    Optional<StallReason> reason,
    Instant since,
    Optional<Progress> progress,
    Optional<RecoveryPoint> recoveryPoint,
    long unshippedBytes,
    Optional<SlotFacts> slot,
    Optional<WalGap> gap,
    Optional<String> lastError) {
  /**
   * How far WAL has come.
   *
   * @param received written to the spool
   * @param flushed on the spool's disk for sure
   * @param durable in the repository, with everything before it
   * @param serverEnd up to where the server had WAL, as it last said
   */
  public record Progress(int timeline, Lsn received, Lsn flushed, Lsn durable, Lsn serverEnd) {
    /** How much of the server's WAL is not in the repository yet. */
    public long lagBytes() {
      return Math.max(0, serverEnd.minus(durable));
    }
  }

  /**
   * An instant by two clocks.
   *
   * @param serverTime when the server said that its log ended there, by its own clock
   * @param ourTime when that arrived, by ours
   */
  public record RecoveryPoint(Instant serverTime, Instant ourTime) {}
}
