package io.lifeboat.repository;

import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot with what retention goes by.
 *
 * @param storedAt when the store took its log entry, by the store's clock
 * @param signedAt what the writer's clock said then; nothing is removed because of it
 * @param writer id of the key that signed the entry
 * @param hold why it must be kept, if somebody said so
 */
public record LoggedSnapshot(
    SnapshotInfo info,
    Instant storedAt,
    Instant signedAt,
    String writer,
    Optional<String> hold) {}
