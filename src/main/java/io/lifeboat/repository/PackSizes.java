package io.lifeboat.repository;

/**
 * How long packs become: a writer's choice, of which readers need nothing.
 *
 * @param dataBytes data packs are closed from this length on
 * @param metadataBytes metadata packs are closed from this length on
 * @param spreadFromBytes below this much in one data pack, all chunks go to that one: small backups
 *     stay one pack
 */
public record PackSizes(long dataBytes, long metadataBytes, long spreadFromBytes) {
  /** What is used outside of tests. */
  public static final PackSizes USUAL = new PackSizes(64L << 20, 8L << 20, 16L << 20);

  long closeFromBytes(PackKind kind) {
    return switch (kind) {
      case DATA -> dataBytes;
      case METADATA -> metadataBytes;
    };
  }
}
