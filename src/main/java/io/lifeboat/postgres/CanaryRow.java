package io.lifeboat.postgres;

import java.time.Instant;

/**
 * A canary that was committed on the source.
 *
 * @param backup the id of the backup it was written for
 * @param database where its table is
 * @param writtenAt by the server's clock
 * @param lsn a position after its commit: a copy that was replayed to here must have it
 */
public record CanaryRow(long id, String backup, String database, Instant writtenAt, Lsn lsn) {}
