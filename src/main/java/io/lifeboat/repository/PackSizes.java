package io.lifeboat.repository;

/**
 * How long packs become: a writer's choice, of which readers need nothing.
 *
 * @param dataBytes data packs are closed at this length, or somewhat before
 * @param metadataBytes the same for metadata packs
 * @param spreadFromBytes below this much in one data pack, all chunks go to that one: small backups
 *     stay one pack
 */
public record PackSizes(long dataBytes, long metadataBytes, long spreadFromBytes) {
  /** What is used outside of tests. */
  public static final PackSizes USUAL = new PackSizes(64L << 20, 8L << 20, 16L << 20);

  /**
   * Whether a pack is to be closed: at the length of its kind, or from three quarters of it on if
   * that saves padding, which would otherwise be a fortieth of each full pack.
   */
  boolean isFull(OpenPack pack) {
    long full =
        switch (pack.kind()) {
          case DATA -> dataBytes;
          case METADATA -> metadataBytes;
        };
    long size = pack.sizeBytes();
    return size >= full || (size >= full - full / 4 && pack.endsWell());
  }
}
