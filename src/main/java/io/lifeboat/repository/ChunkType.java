package io.lifeboat.repository;

/** What a chunk holds, and so under which key it is sealed. */
enum ChunkType {
  /** Contents of files. */
  DATA(1),
  /** Directory listings and extent lists. */
  TREE(2),
  /** A snapshot's root record. */
  ROOT(3),
  /**
   * Which chunks of which packs a snapshot needs: sealed under the footer key, so that maintenance
   * can read it.
   */
  REFERENCES(4);

  private final int number;

  ChunkType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /**
   * Whether the same bytes are stored once only. A root or reference list is always stored: the log
   * entry names the pack it lies in, and a file that happens, or was made, to have the same bytes
   * must not stand in for it.
   */
  boolean deduplicated() {
    return this == DATA || this == TREE;
  }

  /** The kind of pack it goes to. */
  PackKind pack() {
    return this == DATA ? PackKind.DATA : PackKind.METADATA;
  }

  static ChunkType of(int number, Decoder in) {
    return switch (number) {
      case 1 -> DATA;
      case 2 -> TREE;
      case 3 -> ROOT;
      case 4 -> REFERENCES;
      default -> throw in.broken("unknown chunk type " + number);
    };
  }
}
