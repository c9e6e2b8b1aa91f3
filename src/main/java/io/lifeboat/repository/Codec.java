package io.lifeboat.repository;

/** How a chunk's bytes were packed before they were sealed. */
enum Codec {
  /** As they are. */
  RAW(0),
  /** One zstd frame. */
  ZSTD(1);

  private final int number;

  Codec(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static Codec of(int number, Decoder in) {
    return switch (number) {
      case 0 -> RAW;
      case 1 -> ZSTD;
      default -> throw in.broken("unknown codec " + number);
    };
  }
}
