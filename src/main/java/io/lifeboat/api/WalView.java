package io.lifeboat.api;

import io.lifeboat.postgres.Lsn;
import io.lifeboat.postgres.SlotFacts;
import io.lifeboat.wal.StallReason;
import io.lifeboat.wal.WalGap;
import io.lifeboat.wal.WalStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a plan's stream of WAL fares.
 *
 * @param recoveryPoint up to when everything that was committed is in the repository, by the
 *     server's clock
 */
record WalView(
    String state,
    Optional<String> reason,
    Instant since,
    Optional<Instant> recoveryPoint,
    Optional<Integer> timeline,
    Optional<String> received,
    Optional<String> durable,
    Optional<Long> lagBytes,
    long spoolBytes,
    Optional<String> slotStatus,
    OptionalLong slotSafeBytes,
    Optional<String> gap,
    Optional<String> lastError) {
  static WalView of(WalStatus status) {
    Optional<WalStatus.Progress> progress = status.progress();
    return new WalView(
        status.state().name(),
        status.reason().map(StallReason::toString),
        status.since(),
        status.recoveryPoint().map(WalStatus.RecoveryPoint::serverTime),
        progress.map(WalStatus.Progress::timeline),
        progress.map(WalStatus.Progress::received).map(Lsn::toString),
        progress.map(WalStatus.Progress::durable).map(Lsn::toString),
        progress.map(WalStatus.Progress::lagBytes),
        status.unshippedBytes(),
        status.slot().flatMap(SlotFacts::walStatus),
        status.slot().map(SlotFacts::safeWalBytes).orElse(OptionalLong.empty()),
        status.gap().map(WalGap::toString),
        status.lastError());
  }
}
