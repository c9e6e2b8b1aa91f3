package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link Encoder} wrote, strictly: every length is checked against what is there before
 * anything is allocated, and numbers have one form only. Not thread-safe.
 */
final class Decoder {
  private final ByteBuffer in;
  private final String what;

  /**
   * Reads these bytes.
   *
   * @param what names the record in messages
   */
  Decoder(byte[] bytes, String what) {
    this(ByteBuffer.wrap(bytes), what);
  }

  Decoder(ByteBuffer bytes, String what) {
    this.in = bytes;
    this.what = what;
  }

  int u8() {
    need(1);
    return in.get() & 0xff;
  }

  byte[] raw(int lengthBytes) {
    need(lengthBytes);
    byte[] bytes = new byte[lengthBytes];
    in.get(bytes);
    return bytes;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = u8();
      value |= (b & 0x7fL) << shift;
      if ((b & 0x80) == 0) {
        if (b == 0 && shift > 0 || shift == 63 && b > 1) {
          throw broken("a number is not in its shortest form");
        }
        return value;
      }
    }
    throw broken("a number is longer than 64 bits");
  }

  long signed() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  /** A number that must not be negative or above {@code limit}. */
  long varintUpTo(long limit) {
    long value = varint();
    if (value < 0 || value > limit) {
      throw broken("a number is out of range: " + Long.toUnsignedString(value) + " > " + limit);
    }
    return value;
  }

  int intUpTo(int limit) {
    return (int) varintUpTo(limit);
  }

  /** How many records of at least {@code minimumBytes} bytes each follow. */
  int count(int minimumBytes) {
    return intUpTo(in.remaining() / minimumBytes);
  }

  byte[] bytes() {
    return raw(intUpTo(in.remaining()));
  }

  String text() {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes()));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED, what + ": a text is not UTF-8", Hints.VERIFY, e);
    }
  }

  int remaining() {
    return in.remaining();
  }

  boolean hasMore() {
    return in.hasRemaining();
  }

  /** The rest must be zeros. */
  void padding() {
    while (in.hasRemaining()) {
      if (in.get() != 0) {
        throw broken("padding is not zero");
      }
    }
  }

  void end() {
    if (in.hasRemaining()) {
      throw broken(in.remaining() + " bytes too many");
    }
  }

  PermanentException broken(String why) {
    return new PermanentException(ErrorCode.OBJECT_DAMAGED, what + ": " + why, Hints.VERIFY);
  }

  private void need(int lengthBytes) {
    if (lengthBytes < 0 || in.remaining() < lengthBytes) {
      throw broken("cut short");
    }
  }
}
