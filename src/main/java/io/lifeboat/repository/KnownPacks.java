package io.lifeboat.repository;

import java.util.List;
import java.util.Optional;

/**
 * What a writer knows about packs that no index segment tells: which of them it must not rely on,
 * and into which ones maintenance has copied chunks.
 */
interface KnownPacks {
  /** Whether a pack may be referred to: it is neither condemned nor swept. */
  boolean mayUse(PackId pack);

  /** Packs with chunks that maintenance has copied; none for a node that cannot open footers. */
  default List<PackRef> copies() {
    return List.of();
  }

  /**
   * The chunks of such a pack, by its footer; empty if it is damaged or for other keys, and then
   * there is no use in asking again: it only saves work.
   */
  default Optional<IndexSegments.Pack> open(PackRef copy) {
    return Optional.empty();
  }
}
