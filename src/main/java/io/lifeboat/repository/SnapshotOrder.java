package io.lifeboat.repository;

import java.time.Instant;

/** What a new snapshot is to be called. */
public record SnapshotOrder(
    String id, String source, String sourceType, String plan, Instant startedAt) {}
