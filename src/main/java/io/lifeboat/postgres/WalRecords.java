package io.lifeboat.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Cuts write-ahead log into its records, as a recovery does: in order, from the beginning of a
 * segment on, as far as it is sound. A record counts once all of it was seen and its checksum is
 * right. Of versions 15 to 18 with pages of 8 KiB, written by a little-endian machine. Layout:
 * {@code access/xlog_internal.h} and {@code access/xlogrecord.h} of PostgreSQL. For one thread.
 *
 * <pre>
 * page   := magic 2 || flags 2 || timeline 4 || position 8 || rest of the record before it 4 || 0 4
 *           [of a segment's first: system identifier 8 || segment size 4 || page size 4]
 * record := length 4 || xid 4 || position of the one before 8 || info 1 || manager 1 || 0 2 || CRC-32C 4 || data
 * </pre>
 */
public final class WalRecords {
  static final int PAGE_BYTES = 8192;
  private static final Map<Integer, Integer> MAJORS =
      Map.of(0xD110, 15, 0xD113, 16, 0xD116, 17, 0xD118, 18);
  private static final int SHORT_HEADER_BYTES = 24;
  private static final int LONG_HEADER_BYTES = 40;
  private static final int CONTINUES = 1;
  private static final int OVERWRITES = 8;
  private static final int RECORD_HEADER_BYTES = 24;
  private static final int CHECKSUM_AT = 20;
  private static final int LONGEST_RECORD_BYTES = 1020 << 20;
  private static final int ALIGNMENT = 8;

  private final long segmentBytes;
  private final Consumer<WalRecord> consumer;
  private final byte[] header = new byte[LONG_HEADER_BYTES];
  private long position = -1;
  private int major;
  private boolean first = true;
  private long toSkip;
  private long skipTo;
  private Arriving record = new Arriving(0);
  private OptionalLong previous = OptionalLong.empty();
  private State state = State.READING;

  /** How far it has come. */
  public enum State {
    /** All that was given is sound; the last record may not be all there. */
    READING,
    /** Nothing was ever written behind the last record. */
    ZEROS,
    /** What is behind the last record is none. */
    BROKEN
  }

  /** What arrived of a record. */
  private static final class Arriving {
    private final long start;
    private final byte[] head = new byte[RECORD_HEADER_BYTES];
    private final CRC32C checksum = new CRC32C();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream(0);
    private int taken;
    private int length = RECORD_HEADER_BYTES;

    Arriving(long start) {
      this.start = start;
    }

    ByteBuffer header() {
      return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    }

    void take(byte[] bytes, int at, int count) {
      int ofHead = Math.min(count, Math.max(0, RECORD_HEADER_BYTES - taken));
      System.arraycopy(bytes, at, head, Math.min(taken, RECORD_HEADER_BYTES - ofHead), ofHead);
      if (count > ofHead) {
        checksum.update(bytes, at + ofHead, count - ofHead);
        if (WalContents.wants(head)) {
          data.write(bytes, at + ofHead, count - ofHead);
        }
      }
      taken += count;
    }

    boolean isSound() {
      checksum.update(head, 0, CHECKSUM_AT);
      return (int) checksum.getValue() == header().getInt(CHECKSUM_AT);
    }
  }

  /**
   * Cuts a log.
   *
   * @param segmentBytes size of its segments
   * @param consumer takes the records, in order
   */
  public WalRecords(long segmentBytes, Consumer<WalRecord> consumer) {
    this.segmentBytes = segmentBytes;
    this.consumer = consumer;
  }

  /**
   * Takes the next bytes. What follows an end is passed over.
   *
   * @param at their position: first the beginning of a segment, then where the last ones ended
   */
  public void add(Lsn at, byte[] bytes, int offset, int length) {
    if (position < 0 && at.position() % segmentBytes == 0) {
      position = at.position();
    }
    if (at.position() != position) {
      throw new IllegalArgumentException("WAL of " + at + " does not follow " + next());
    }
    int index = offset;
    while (state == State.READING && index < offset + length) {
      int count = step(bytes, index, offset + length - index);
      position += count;
      index += count;
    }
    position = at.position() + length;
  }

  /** Whether it goes on, and why not. */
  public State state() {
    return state;
  }

  /** Where the next record begins, or the first that is not all there. */
  public Lsn next() {
    if (record.taken > 0 || state != State.READING) {
      return new Lsn(record.start);
    }
    return new Lsn(Math.max(skipTo, (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
  }

  /** Whether every record that begins before this position was seen. */
  public boolean hasAllBefore(Lsn lsn) {
    long next = next().position();
    int header = next % segmentBytes == 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    return next + (next % PAGE_BYTES == 0 ? header : 0) >= lsn.position();
  }

  private int step(byte[] bytes, int index, int available) {
    if (position < skipTo) {
      return (int) Math.min(available, skipTo - position);
    }
    int inPage = (int) (position % PAGE_BYTES);
    int headerBytes =
        (position - inPage) % segmentBytes == 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    if (inPage < headerBytes) {
      int count = Math.min(available, headerBytes - inPage);
      System.arraycopy(bytes, index, header, inPage, count);
      if (inPage + count == headerBytes) {
        page(position - inPage);
      }
      return count;
    }
    int left = Math.min(available, PAGE_BYTES - inPage);
    if (toSkip > 0) {
      int count = (int) Math.min(left, toSkip);
      toSkip -= count;
      return count;
    }
    int unaligned = inPage % ALIGNMENT;
    if (record.taken == 0 && unaligned != 0) {
      return Math.min(left, ALIGNMENT - unaligned);
    }
    return take(bytes, index, left);
  }

  private int take(byte[] bytes, int index, int left) {
    if (record.taken == 0) {
      record = new Arriving(position);
    }
    // The length never lies across two pages; until it is known nothing else is taken.
    int wanted = record.taken < Integer.BYTES ? Integer.BYTES : record.length;
    int headLeft = Math.max(0, RECORD_HEADER_BYTES - record.taken);
    int count = Math.min(left, wanted - record.taken);
    if (headLeft > 0) {
      count = Math.min(count, headLeft); // whether the data is kept is known behind the head
    }
    record.take(bytes, index, count);
    if (record.taken == Integer.BYTES) {
      length();
    } else if (record.taken == record.length) {
      complete(position + count);
    }
    return count;
  }

  private void length() {
    record.length = record.header().getInt(0);
    if (record.length == 0) {
      state = State.ZEROS;
    } else if (record.length < RECORD_HEADER_BYTES || record.length > LONGEST_RECORD_BYTES) {
      state = State.BROKEN;
    }
  }

  private void complete(long end) {
    long before = record.header().getLong(8);
    if (!record.isSound() || (previous.isPresent() && previous.getAsLong() != before)) {
      state = State.BROKEN;
      return;
    }
    previous = OptionalLong.of(record.start);
    if (WalContents.isSwitch(record.head)) {
      skipTo = (end + segmentBytes - 1) / segmentBytes * segmentBytes;
    }
    consumer.accept(
        new WalRecord(
            new Lsn(record.start),
            new Lsn(end),
            WalContents.of(record.head, record.data.toByteArray(), major)));
    record = new Arriving(end);
  }

  private void page(long start) {
    ByteBuffer page = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    int magic = page.getShort(0) & 0xFFFF;
    int flags = page.getShort(2);
    long rest = Integer.toUnsignedLong(page.getInt(16));
    if (!MAJORS.containsKey(magic) || page.getLong(8) != start) {
      end(magic == 0 && record.taken == 0 ? State.ZEROS : State.BROKEN, start);
      return;
    }
    major = MAJORS.getOrDefault(magic, 0);
    boolean continues = (flags & CONTINUES) != 0;
    if ((flags & OVERWRITES) != 0) {
      // A crash cut the record off, and the server went on without its rest.
      record = new Arriving(start);
      toSkip = 0;
    } else if (first && continues) {
      toSkip = rest;
    } else if (continues != (record.taken > 0 || toSkip > 0)
        || (record.taken > 0 && rest != record.length - record.taken)
        || (toSkip > 0 && rest != toSkip)) {
      end(State.BROKEN, start);
    }
    first = false;
  }

  private void end(State end, long start) {
    state = end;
    if (record.taken == 0) {
      record = new Arriving(start);
    }
  }
}
