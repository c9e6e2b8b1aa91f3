package io.lifeboat.repository;

import java.util.Collection;

/** How many packs, and how many bytes they take in the store. */
public record PackTally(long packs, long bytes) {
  static PackTally of(Collection<PackRef> packs) {
    return new PackTally(packs.size(), packs.stream().mapToLong(PackRef::sizeBytes).sum());
  }

  /** Both together. */
  public PackTally plus(PackTally other) {
    return new PackTally(packs + other.packs, bytes + other.bytes);
  }
}
