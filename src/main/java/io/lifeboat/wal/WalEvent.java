package io.lifeboat.wal;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that somebody should know of a receiver: a change of its state, or an alarm.
 *
 * @param state the state that it is about
 * @param reason why it is stalled, if that is the state
 * @param sentence for people
 */
public record WalEvent(Instant at, WalState state, Optional<StallReason> reason, String sentence) {}
