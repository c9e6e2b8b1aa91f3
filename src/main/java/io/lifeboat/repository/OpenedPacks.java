package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The packs that an inspection has opened, and what is wrong with those that it could not. Each is
 * opened once, whatever number of snapshots names it. Thread-safe.
 */
final class OpenedPacks implements PackOpener {
  private final PackIndexReader reader;
  private final Map<PackRef, Optional<PackIndexReader.OpenedPack>> packs =
      new ConcurrentHashMap<>();
  private final Set<ChunkId> damagedChunks = ConcurrentHashMap.newKeySet();

  OpenedPacks(PackIndexReader reader) {
    this.reader = reader;
  }

  /** A pack that was opened anyway. */
  void add(PackIndexReader.OpenedPack pack) {
    packs.put(pack.ref(), Optional.of(pack));
  }

  /** A chunk that does not open, or is not what its id says. */
  void damaged(ChunkId chunk) {
    damagedChunks.add(chunk);
  }

  boolean isDamaged(ChunkId chunk) {
    return damagedChunks.contains(chunk);
  }

  @Override
  public Optional<PackIndexReader.OpenedPack> open(PackRef pack) {
    return packs.computeIfAbsent(pack, this::openNow);
  }

  private Optional<PackIndexReader.OpenedPack> openNow(PackRef pack) {
    try {
      return Optional.of(reader.open(pack));
    } catch (LifeboatException e) {
      if (!isDamage(e)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Whether a failure says something about an object, and not about the store. */
  static boolean isDamage(LifeboatException e) {
    // A pack that is not for our keys was not written by us.
    return e.code().kind() == ErrorCode.Kind.INTEGRITY || e.code() == ErrorCode.KEY_MISMATCH;
  }
}
