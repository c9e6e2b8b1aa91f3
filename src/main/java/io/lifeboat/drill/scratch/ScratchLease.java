package io.lifeboat.drill.scratch;

import java.nio.file.Path;
import java.util.List;

/**
 * A scratch's line in the ledger while its owner uses it. Made before anything of the scratch
 * exists.
 */
final class ScratchLease {
  private final LedgerEntry entry;
  private final Removal removal;

  ScratchLease(LedgerEntry entry, Removal removal) {
    this.entry = entry;
    this.removal = removal;
  }

  String id() {
    return entry.id();
  }

  List<Path> folders() {
    return entry.folders().stream().map(Path::of).toList();
  }

  /**
   * Removes what the entry names, proves it gone and strikes it out; nothing is done the second
   * time.
   */
  void release() {
    removal.remove(entry);
  }
}
