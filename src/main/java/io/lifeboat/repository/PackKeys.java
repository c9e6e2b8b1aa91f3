package io.lifeboat.repository;

import io.lifeboat.crypto.Hkdf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The keys of one pack: {@code HKDF-SHA-256(session key, salt = pack salt, info)} with 32 bytes of
 * output.
 *
 * @param data seals chunks of contents, trees and roots; absent for whoever may only do maintenance
 * @param footer seals the footer and reference lists
 */
record PackKeys(Optional<byte[]> data, byte[] footer) {
  private static final int KEY_BYTES = 32;
  private static final byte[] DATA_INFO =
      "lifeboat pack data v1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FOOTER_INFO =
      "lifeboat pack footer v1".getBytes(StandardCharsets.US_ASCII);

  /** A session's keys. */
  record SessionKeys(byte[] data, byte[] footer) {
    PackKeys forPack(byte[] packSalt) {
      return derive(Optional.of(data), footer, packSalt);
    }

    @Override
    public String toString() {
      return "SessionKeys[********]";
    }
  }

  static PackKeys derive(Optional<byte[]> data, byte[] footer, byte[] packSalt) {
    return new PackKeys(
        data.map(key -> derive(key, packSalt, DATA_INFO)), derive(footer, packSalt, FOOTER_INFO));
  }

  private static byte[] derive(byte[] key, byte[] salt, byte[] info) {
    return Hkdf.SHA256.expand(Hkdf.SHA256.extract(salt, key), info, KEY_BYTES);
  }

  /** The key that chunks of this type are sealed under, or empty if it is not ours to have. */
  Optional<byte[]> forType(ChunkType type) {
    return switch (type) {
      case DATA, TREE, ROOT -> data;
      case REFERENCES -> Optional.of(footer);
    };
  }

  @Override
  public String toString() {
    return "PackKeys[********]";
  }
}
