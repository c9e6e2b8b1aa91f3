package io.lifeboat.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes bad input of good: flips bits, cuts, extends, repeats slices, joins the halves of two, and
 * puts in what parsers trip over: huge lengths, numbers at the edge of their range, deep nesting.
 */
final class Mutations {
  private static final int MOST_STEPS = 4;
  private static final int DEEP = 3000;
  private static final String STRUCTURE = "{}[],:\n";
  private static final List<String> TOKENS =
      List.of(
          "null",
          "[]",
          "{}",
          "-1",
          "1e999",
          "9223372036854775808",
          "\"\"",
          "[null]",
          "0.5",
          "true",
          "\"",
          "\\",
          "\\ud800",
          "\0",
          "\n",
          "\r\n",
          " ",
          "#",
          "&a",
          "*a",
          "!!x",
          "---\n",
          "- ",
          ": ",
          "{",
          "[",
          "age1",
          "-->",
          "=",
          "0x0",
          "+1000000000-12-31T23:59:60Z",
          "P99999999999D");

  private final Random random;

  Mutations(Random random) {
    this.random = random;
  }

  byte[] mutate(byte[] valid, List<byte[]> others) {
    byte[] bytes = valid;
    for (int step = 1 + random.nextInt(MOST_STEPS); step > 0; step--) {
      bytes = step(bytes, others.get(random.nextInt(others.size())));
    }
    return bytes;
  }

  private byte[] step(byte[] bytes, byte[] other) {
    if (bytes.length == 0) {
      return noise(1 + random.nextInt(8));
    }
    int at = random.nextInt(bytes.length);
    int length = Math.min(1 + random.nextInt(random.nextBoolean() ? 8 : 200), bytes.length - at);
    return switch (random.nextInt(15)) {
      case 0, 1 ->
          splice(bytes, at, at + 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
      case 2 -> splice(bytes, at, at + 1, noise(1));
      case 3 -> Arrays.copyOf(bytes, at);
      case 4 -> splice(bytes, bytes.length, bytes.length, noise(1 + random.nextInt(64)));
      case 5 -> splice(bytes, at, at + length, new byte[0]);
      case 6 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      case 7 -> splice(bytes, at, bytes.length, tail(other));
      case 8 -> splice(bytes, at, at + Math.min(length, 8), number());
      case 9 -> splice(bytes, at, at, number());
      case 10 -> splice(bytes, at, at + (random.nextBoolean() ? length : 0), token());
      case 11 -> splice(bytes, at, at, nesting());
      default -> {
        int from = border(bytes, at, -1) + 1;
        byte[] value = random.nextInt(4) == 0 ? new byte[0] : token();
        yield splice(bytes, from, Math.max(from, border(bytes, at, 1)), value);
      }
    };
  }

  /** The next character of structure, seen from a place in a text: a whole value lies between. */
  private static int border(byte[] bytes, int from, int direction) {
    int at = from;
    while (at >= 0 && at < bytes.length && STRUCTURE.indexOf(bytes[at]) < 0) {
      at += direction;
    }
    return at;
  }

  private byte[] tail(byte[] other) {
    return Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length);
  }

  /** A length or a number that nothing so short can have. */
  private byte[] number() {
    long value =
        switch (random.nextInt(6)) {
          case 0 -> -1L;
          case 1 -> Long.MAX_VALUE;
          case 2 -> Integer.MAX_VALUE;
          case 3 -> 1L << random.nextInt(Long.SIZE);
          case 4 -> 0;
          default -> random.nextLong();
        };
    return switch (random.nextInt(3)) {
      case 0 -> varint(value);
      case 1 -> ByteBuffer.allocate(Integer.BYTES).putInt((int) value).array();
      default -> ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    };
  }

  private static byte[] varint(long value) {
    var out = new ByteArrayOutputStream();
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  private byte[] token() {
    return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] nesting() {
    String open = List.of("[", "{\"a\":", "- ", "{a: ").get(random.nextInt(4));
    return open.repeat(1 + random.nextInt(DEEP)).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] inserted) {
    return ByteBuffer.allocate(from + inserted.length + bytes.length - to)
        .put(bytes, 0, from)
        .put(inserted)
        .put(bytes, to, bytes.length - to)
        .array();
  }
}
