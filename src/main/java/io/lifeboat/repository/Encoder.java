package io.lifeboat.repository;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the primitives of the binary records: single bytes, fixed runs of bytes, unsigned LEB128
 * numbers ({@code varint}), zigzag LEB128 for signed ones, and {@code bytes = varint length ||
 * bytes}. Not thread-safe.
 */
final class Encoder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Encoder u8(int value) {
    out.write(value);
    return this;
  }

  Encoder raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Encoder varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  Encoder signed(long value) {
    return varint(value << 1 ^ value >> 63);
  }

  Encoder bytes(byte[] bytes) {
    return varint(bytes.length).raw(bytes);
  }

  Encoder text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds zeros until the length is a multiple of {@code blockBytes}. */
  Encoder padTo(int blockBytes) {
    int rest = out.size() % blockBytes;
    if (rest != 0) {
      out.writeBytes(new byte[blockBytes - rest]);
    }
    return this;
  }

  byte[] done() {
    return out.toByteArray();
  }
}
