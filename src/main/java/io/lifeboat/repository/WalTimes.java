package io.lifeboat.repository;

import java.time.Instant;

/**
 * What is known of the time of a piece of WAL, by the server's clock.
 *
 * @param sentAt when the server sent the last of it: nothing up to its end was committed later
 * @param completeAt an instant by which nothing had been committed that lies behind its end; {@link
 *     Instant#EPOCH} where none is known. Not later than {@code sentAt}
 */
public record WalTimes(Instant sentAt, Instant completeAt) {}
