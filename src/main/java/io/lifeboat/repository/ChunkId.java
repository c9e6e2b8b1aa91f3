package io.lifeboat.repository;

import java.util.Arrays;
import java.util.HexFormat;

/** HMAC-SHA-256 of a chunk's plain bytes under its domain's chunk id key: 32 bytes. */
public final class ChunkId {
  /** Length in bytes. */
  public static final int BYTES = 32;

  private final byte[] bytes;

  /** Wraps 32 bytes, which the caller does not change afterwards. */
  public ChunkId(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("A chunk id has 32 bytes, not " + bytes.length);
    }
    this.bytes = bytes;
  }

  /** The bytes; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChunkId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    // The id is a pseudo-random function's output: any four bytes spread evenly.
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
