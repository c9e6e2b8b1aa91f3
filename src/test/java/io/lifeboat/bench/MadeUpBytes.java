package io.lifeboat.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Bytes from a seed, as they lie on disks: lines of a log, and what does not compress. */
public final class MadeUpBytes {
  private static final byte[][] WORDS = words();

  private final SplittableRandom random;

  /** The same bytes for the same seed, on every machine. */
  public MadeUpBytes(long seed) {
    this.random = new SplittableRandom(seed);
  }

  private static byte[][] words() {
    String[] words =
        ("account active address backup balance block bucket cache chunk client cluster commit"
                + " create customer database delete detail device disk error event failed filter"
                + " folder header index insert invoice item journal level limit line list log"
                + " master merge message method metric mode name network node object offset order"
                + " owner page parent path payload pending policy pool process query queue range"
                + " record region replica request response result retry role row schema segment"
                + " server session shard source stage state status storage stream table target"
                + " tenant thread time token trace transfer update user value vector version")
            .split(" ");
    byte[][] bytes = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      bytes[i] = (" " + words[i]).getBytes(StandardCharsets.US_ASCII);
    }
    return bytes;
  }

  /** A number from {@code least} to below {@code bound}. */
  int number(int least, int bound) {
    return random.nextInt(least, bound);
  }

  /** Fills a stretch with what no compression makes smaller. */
  void incompressible(byte[] into, int from, int to) {
    for (int at = from; at < to; at += Long.BYTES) {
      long bits = random.nextLong();
      for (int i = 0; i < Math.min(Long.BYTES, to - at); i++) {
        into[at + i] = (byte) (bits >>> (8 * i));
      }
    }
  }

  /** Fills a stretch with log lines: they compress about 3:1, and repeat no long run. */
  public void text(byte[] into, int from, int to) {
    int at = from;
    while (at < to) {
      long bits = random.nextLong();
      for (int digit = 0; digit < 8 && at < to; digit++) {
        into[at++] = (byte) ('0' + (bits >>> (4 * digit) & 7));
      }
      for (int word = 0; word < 8 && at < to; word++) {
        byte[] next = WORDS[(int) (bits >>> (7 * word) & 0x7f) % WORDS.length];
        int length = Math.min(next.length, to - at);
        System.arraycopy(next, 0, into, at, length);
        at += length;
      }
      if (at < to) {
        into[at++] = '\n';
      }
    }
  }

  /** Fills a stretch with pieces of both kinds in turn, as in programs and archives. */
  void mixed(byte[] into, int from, int to) {
    boolean text = true;
    for (int at = from; at < to; ) {
      int end = Math.min(to, at + number(2 << 10, 14 << 10));
      if (text) {
        text(into, at, end);
      } else {
        incompressible(into, at, end);
      }
      text = !text;
      at = end;
    }
  }
}
