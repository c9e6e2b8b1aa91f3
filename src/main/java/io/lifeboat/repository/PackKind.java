package io.lifeboat.repository;

/** What a pack holds. */
enum PackKind {
  /** Contents of files; may lie in a cold storage class. */
  DATA('d'),
  /** Trees, roots, reference lists: read at every restore. */
  METADATA('m');

  private final char letter;

  PackKind(char letter) {
    this.letter = letter;
  }

  char letter() {
    return letter;
  }

  static PackKind of(int letter, Decoder in) {
    return switch (letter) {
      case 'd' -> DATA;
      case 'm' -> METADATA;
      default -> throw in.broken("unknown pack kind " + letter);
    };
  }
}
