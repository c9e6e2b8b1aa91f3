package io.lifeboat.repository;

import java.util.Optional;

/**
 * Where each known chunk of one domain lies: what earlier runs have stored, in the {@link
 * LocalIndex} on disk, and what this one stores, in {@link RunChunks}. Thread-safe.
 */
final class ChunkIndex {
  private final LocalIndex earlier;
  private final RunChunks own = new RunChunks();

  ChunkIndex(LocalIndex earlier) {
    this.earlier = earlier;
  }

  /** Where a chunk lies. */
  record Location(int pack, int ordinal) {}

  /** Who stored a chunk. */
  enum Origin {
    /** The running backup. */
    THIS_RUN,
    /** One that ended well, as far as this host knows. */
    EARLIER_RUN,
    /** One of this host that was killed or failed, with no one that ended well since. */
    INTERRUPTED_RUN
  }

  /** What a claim found. */
  sealed interface Claim {
    Claim GRANTED = new Granted();
    Claim PENDING = new Pending();

    /** Nobody has it: the caller stores it and calls {@link ChunkIndex#settle}. */
    record Granted() implements Claim {}

    /** Somebody else of this run is storing it. */
    record Pending() implements Claim {}

    /** It is stored. */
    record Stored(Location location, Origin origin) implements Claim {}
  }

  Optional<Location> find(ChunkId chunk) {
    return earlier.find(chunk).or(() -> own.find(chunk));
  }

  /** Asks who stores a chunk; exactly one caller is granted it. */
  Claim claim(ChunkId chunk) {
    return earlier
        .find(chunk)
        .<Claim>map(found -> new Claim.Stored(found, earlier.origin(found.pack())))
        .orElseGet(() -> own.claim(chunk));
  }

  /** A granted chunk was put into a pack. */
  void settle(ChunkId chunk, Location location) {
    own.settle(chunk, location);
  }
}
