package io.lifeboat.repository;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** Sixteen random bytes that tell one repository from every other. */
public final class RepositoryId {
  static final int BYTES = 16;

  private final byte[] bytes;

  private RepositoryId(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new one. */
  public static RepositoryId random(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new RepositoryId(bytes);
  }

  /**
   * Reads 32 hexadecimal digits.
   *
   * @throws IllegalArgumentException if they are not
   */
  public static RepositoryId parse(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "A repository id has 32 hexadecimal digits, not " + hex.length());
    }
    return new RepositoryId(bytes);
  }

  /** The bytes; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RepositoryId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
