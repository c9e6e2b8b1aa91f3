package io.lifeboat.drill.scratch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Writes a POSIX tar archive: names of any length and any bytes, sizes beyond 8 GiB and times with
 * nanoseconds go into pax records, which Docker's engine reads.
 *
 * <pre>
 * entry  = [pax header || pax records, padded] || header (512 bytes) || contents, padded to 512 bytes
 * record = length " " keyword "=" value LF        length in decimal, counting itself
 * end    = 1024 zero bytes
 * </pre>
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX pax</a>
 */
final class TarStream {
  static final byte FILE = '0';
  static final byte HARD_LINK = '1';
  static final byte SYMBOLIC_LINK = '2';
  static final byte DIRECTORY = '5';

  private static final byte PAX = 'x';
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final long LARGEST_PLAIN_SIZE = (1L << 33) - 1;
  private static final int LARGEST_PLAIN_ID = (1 << 21) - 1;

  private final OutputStream out;

  TarStream(OutputStream out) {
    this.out = out;
  }

  /**
   * What a header says.
   *
   * @param name relative, without a leading slash
   * @param link what a link points to; empty for anything else
   */
  record Header(
      byte type,
      byte[] name,
      byte[] link,
      int mode,
      int uid,
      int gid,
      long sizeBytes,
      Instant modifiedAt) {}

  /** Writes a header; exactly its {@code sizeBytes} must be written to the stream next. */
  void header(Header header) throws IOException {
    byte[] records = records(header);
    if (records.length > 0) {
      byte[] name = "pax".getBytes(StandardCharsets.US_ASCII);
      out.write(
          block(
              new Header(PAX, name, new byte[0], 0600, 0, 0, records.length, header.modifiedAt())));
      out.write(records);
      pad(records.length);
    }
    out.write(block(header));
  }

  /** Fills up the last block of contents of this many bytes. */
  void pad(long contentBytes) throws IOException {
    int rest = (int) (contentBytes % BLOCK_BYTES);
    if (rest > 0) {
      out.write(new byte[BLOCK_BYTES - rest]);
    }
  }

  void end() throws IOException {
    out.write(new byte[2 * BLOCK_BYTES]);
  }

  private static byte[] records(Header header) {
    var records = new ByteArrayOutputStream();
    if (!isPlain(header.name())) {
      record(records, "path", header.name());
    }
    if (!isPlain(header.link())) {
      record(records, "linkpath", header.link());
    }
    if (header.sizeBytes() > LARGEST_PLAIN_SIZE) {
      record(records, "size", Long.toString(header.sizeBytes()));
    }
    if (header.uid() > LARGEST_PLAIN_ID) {
      record(records, "uid", Integer.toString(header.uid()));
    }
    if (header.gid() > LARGEST_PLAIN_ID) {
      record(records, "gid", Integer.toString(header.gid()));
    }
    Instant time = header.modifiedAt();
    if (time.getNano() != 0 || time.getEpochSecond() < 0) {
      record(records, "mtime", decimalSeconds(time));
    }
    return records.toByteArray();
  }

  private static boolean isPlain(byte[] text) {
    for (byte b : text) {
      if (b < 0) {
        return false;
      }
    }
    return text.length <= NAME_BYTES;
  }

  private static String decimalSeconds(Instant time) {
    return java.math.BigDecimal.valueOf(time.getEpochSecond())
        .add(java.math.BigDecimal.valueOf(time.getNano(), 9))
        .toPlainString();
  }

  private static void record(ByteArrayOutputStream records, String keyword, String value) {
    record(records, keyword, value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void record(ByteArrayOutputStream records, String keyword, byte[] value) {
    int rest = keyword.length() + value.length + 3;
    int length = rest + 1;
    while (length != rest + Integer.toString(length).length()) {
      length = rest + Integer.toString(length).length();
    }
    records.writeBytes((length + " " + keyword + "=").getBytes(StandardCharsets.US_ASCII));
    records.writeBytes(value);
    records.write('\n');
  }

  private static byte[] block(Header header) {
    byte[] block = new byte[BLOCK_BYTES];
    put(block, 0, Arrays.copyOf(header.name(), Math.min(header.name().length, NAME_BYTES)));
    octal(block, 100, 8, header.mode());
    octal(block, 108, 8, header.uid() > LARGEST_PLAIN_ID ? 0 : header.uid());
    octal(block, 116, 8, header.gid() > LARGEST_PLAIN_ID ? 0 : header.gid());
    octal(block, 124, 12, header.sizeBytes() > LARGEST_PLAIN_SIZE ? 0 : header.sizeBytes());
    octal(block, 136, 12, Math.max(0, header.modifiedAt().getEpochSecond()));
    put(block, 148, "        ".getBytes(StandardCharsets.US_ASCII));
    block[156] = header.type();
    put(block, 157, Arrays.copyOf(header.link(), Math.min(header.link().length, NAME_BYTES)));
    put(block, 257, "ustar\000".getBytes(StandardCharsets.US_ASCII));
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
    return block;
  }

  private static void octal(byte[] block, int at, int width, long value) {
    String digits = Long.toOctalString(value);
    put(
        block,
        at,
        ("0".repeat(width - 1 - digits.length()) + digits + "\0")
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static void put(byte[] block, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
