package io.lifeboat.repository;

import java.util.Optional;

/** Opens the packs that a snapshot names; empty for one that its reader does without. */
interface PackOpener {
  Optional<PackIndexReader.OpenedPack> open(PackRef pack);

  /** Every pack must open. */
  static PackOpener strict(PackIndexReader reader) {
    return pack -> Optional.of(reader.open(pack));
  }
}
