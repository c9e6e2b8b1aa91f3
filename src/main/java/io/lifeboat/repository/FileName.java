package io.lifeboat.repository;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One component of a path, as the bytes the file system has: any bytes but zero and slash, never
 * empty, {@code .} or {@code ..}. Ordered by unsigned bytes.
 */
public final class FileName implements Comparable<FileName> {
  private final byte[] bytes;

  private FileName(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A name of these bytes.
   *
   * @throws IllegalArgumentException if no file can have that name
   */
  public static FileName of(byte[] bytes) {
    boolean dots = bytes.length > 0 && bytes.length <= 2;
    for (byte b : bytes) {
      if (b == 0 || b == '/') {
        throw new IllegalArgumentException("A file name has no zero byte and no slash");
      }
      dots &= b == '.';
    }
    if (bytes.length == 0 || dots) {
      throw new IllegalArgumentException(
          "Not a file name: '" + new String(bytes, StandardCharsets.UTF_8) + "'");
    }
    return new FileName(bytes.clone());
  }

  /** A name of this text's UTF-8 bytes. */
  public static FileName of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public int compareTo(FileName other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FileName that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For people: bytes that are not UTF-8 are shown as replacement characters. */
  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
