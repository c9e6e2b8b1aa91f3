package io.lifeboat.restore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Writes a POSIX tar archive: names of any length and any bytes, sizes beyond 8 GiB and times with
 * nanoseconds go into pax records, which GNU tar, libarchive and Docker's engine read. Not
 * thread-safe.
 *
 * <pre>
 * entry  = [pax header || pax records, padded] || header (512 bytes) || contents, padded to 512 bytes
 * record = length " " keyword "=" value LF        length in decimal, counting itself
 * end    = 1024 zero bytes
 * </pre>
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX pax</a>
 */
public final class TarStream {
  /** Type of a file. */
  public static final byte FILE = '0';

  /** Type of another name of a file that came before. */
  public static final byte HARD_LINK = '1';

  /** Type of a symbolic link. */
  public static final byte SYMBOLIC_LINK = '2';

  /** Type of a folder. */
  public static final byte DIRECTORY = '5';

  private static final byte PAX = 'x';
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final long LARGEST_PLAIN_SIZE = (1L << 33) - 1;
  private static final int LARGEST_PLAIN_ID = (1 << 21) - 1;
  private static final int OWNER_NAME_BYTES = 31;

  private final OutputStream out;

  /** An archive to this stream, which is not closed. */
  public TarStream(OutputStream out) {
    this.out = out;
  }

  /**
   * What a header says.
   *
   * @param name relative, without a leading slash
   * @param link what a link points to; empty for anything else
   */
  public record Header(
      byte type,
      byte[] name,
      byte[] link,
      int mode,
      Owner owner,
      long sizeBytes,
      Instant modifiedAt) {}

  /**
   * Whom an entry belongs to.
   *
   * @param uid a number without a sign
   * @param gid a number without a sign
   * @param user empty if unknown
   * @param group empty if unknown
   */
  public record Owner(int uid, int gid, String user, String group) {
    /** Nobody's in particular. */
    private static Owner of(int uid, int gid) {
      return new Owner(uid, gid, "", "");
    }

    private long unsignedUid() {
      return Integer.toUnsignedLong(uid);
    }

    private long unsignedGid() {
      return Integer.toUnsignedLong(gid);
    }
  }

  /** Writes a header; exactly its {@code sizeBytes} must be written to the stream next. */
  public void header(Header header) throws IOException {
    byte[] records = records(header);
    if (records.length > 0) {
      byte[] name = "pax".getBytes(StandardCharsets.US_ASCII);
      out.write(
          block(
              new Header(
                  PAX,
                  name,
                  new byte[0],
                  0600,
                  Owner.of(0, 0),
                  records.length,
                  header.modifiedAt())));
      out.write(records);
      pad(records.length);
    }
    out.write(block(header));
  }

  /** Fills up the last block of contents of this many bytes. */
  public void pad(long contentBytes) throws IOException {
    int rest = (int) (contentBytes % BLOCK_BYTES);
    if (rest > 0) {
      out.write(new byte[BLOCK_BYTES - rest]);
    }
  }

  /** Ends the archive. */
  public void end() throws IOException {
    out.write(new byte[2 * BLOCK_BYTES]);
  }

  private static byte[] records(Header header) {
    var records = new ByteArrayOutputStream();
    if (!isPlain(header.name(), NAME_BYTES)) {
      record(records, "path", header.name());
    }
    if (!isPlain(header.link(), NAME_BYTES)) {
      record(records, "linkpath", header.link());
    }
    if (header.sizeBytes() > LARGEST_PLAIN_SIZE) {
      record(records, "size", Long.toString(header.sizeBytes()));
    }
    Owner owner = header.owner();
    if (owner.unsignedUid() > LARGEST_PLAIN_ID) {
      record(records, "uid", Long.toString(owner.unsignedUid()));
    }
    if (owner.unsignedGid() > LARGEST_PLAIN_ID) {
      record(records, "gid", Long.toString(owner.unsignedGid()));
    }
    byte[] user = utf8(owner.user());
    if (!isPlain(user, OWNER_NAME_BYTES)) {
      record(records, "uname", user);
    }
    byte[] group = utf8(owner.group());
    if (!isPlain(group, OWNER_NAME_BYTES)) {
      record(records, "gname", group);
    }
    Instant time = header.modifiedAt();
    if (time.getNano() != 0 || time.getEpochSecond() != plainSeconds(time)) {
      record(records, "mtime", decimalSeconds(time));
    }
    return records.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Seconds as a header without pax records has them: 33 bits, not before 1970. */
  private static long plainSeconds(Instant time) {
    return Math.clamp(time.getEpochSecond(), 0, LARGEST_PLAIN_SIZE);
  }

  private static boolean isPlain(byte[] text, int mostBytes) {
    for (byte b : text) {
      if (b < 0) {
        return false;
      }
    }
    return text.length <= mostBytes;
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
    octal(block, 108, 8, plainId(header.owner().unsignedUid()));
    octal(block, 116, 8, plainId(header.owner().unsignedGid()));
    octal(block, 124, 12, header.sizeBytes() > LARGEST_PLAIN_SIZE ? 0 : header.sizeBytes());
    octal(block, 136, 12, plainSeconds(header.modifiedAt()));
    put(block, 148, "        ".getBytes(StandardCharsets.US_ASCII));
    block[156] = header.type();
    put(block, 157, Arrays.copyOf(header.link(), Math.min(header.link().length, NAME_BYTES)));
    put(block, 257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    put(block, 265, beginning(header.owner().user()));
    put(block, 297, beginning(header.owner().group()));
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
    return block;
  }

  private static long plainId(long id) {
    return id > LARGEST_PLAIN_ID ? 0 : id;
  }

  private static byte[] beginning(String ownerName) {
    byte[] bytes = utf8(ownerName);
    return Arrays.copyOf(bytes, Math.min(bytes.length, OWNER_NAME_BYTES));
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
