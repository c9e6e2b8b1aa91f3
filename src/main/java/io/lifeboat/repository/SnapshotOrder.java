package io.lifeboat.repository;

import java.time.Instant;
import java.util.List;

/** What a new snapshot is to be called, and marked with. */
public record SnapshotOrder(
    String id,
    String source,
    String sourceType,
    String plan,
    Instant startedAt,
    List<String> tags) {
  /** Copies the tags. */
  public SnapshotOrder {
    tags = List.copyOf(tags);
  }
}
