package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 of a pack's bytes: its name, and all that is needed to check it. */
final class PackId {
  static final int BYTES = 32;

  private final byte[] bytes;

  PackId(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("A pack id has 32 bytes, not " + bytes.length);
    }
    this.bytes = bytes;
  }

  static PackId parse(String hex, String where) {
    try {
      return new PackId(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED, where + ": not a pack id: '" + hex + "'", Hints.VERIFY, e);
    }
  }

  /** The bytes; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PackId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    // A hash's bytes spread evenly: four of them will do.
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | bytes[3] & 0xff;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
