package io.lifeboat.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the run before has left, as it lies on disk:
 *
 * <pre>
 * file  := magic 8 || entry* || number of entries 4 || CRC-32C of all before it 4
 * entry := key, see {@link CachedFileKey} || length of content 4 || content
 * </pre>
 *
 * <p>The file is mapped, not read: of an entry the heap holds four bytes and some air, because a
 * tree may have millions of files. At most 2 GiB, which is some ten million files. The checksum is
 * one that the JVM computes at full speed from its first moment, unlike SHA-256: that would be a
 * tenth of a run that finds nothing changed.
 */
final class CachedFiles {
  static final long MAGIC = 0x4c42434143484533L; // "LBCACHE3"

  private static final int TRAILER_BYTES = 2 * Integer.BYTES;
  private static final int ENTRY_HEAD_BYTES = CachedFileKey.BYTES + Integer.BYTES;
  private static final int FREE = 0; // no entry begins at the magic number

  private final ByteBuffer file;
  private final int[] offsets;

  private CachedFiles(ByteBuffer file, int entries) {
    this.file = file;
    this.offsets = new int[Math.max(2, Integer.highestOneBit(Math.max(1, entries)) * 4)];
  }

  /** Nothing is known. */
  static CachedFiles none() {
    return new CachedFiles(ByteBuffer.allocate(0), 0);
  }

  /**
   * Opens a file, or knows nothing if there is none.
   *
   * @throws IOException if it cannot be read, or is not what a {@link CachedFilesWriter} wrote
   */
  static CachedFiles load(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size < Long.BYTES + TRAILER_BYTES || size > Integer.MAX_VALUE) {
        throw new IOException("it has " + size + " bytes");
      }
      ByteBuffer file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      requireWhole(file);
      return index(file);
    } catch (NoSuchFileException e) {
      return none();
    }
  }

  private static void requireWhole(ByteBuffer file) throws IOException {
    if (file.getLong(0) != MAGIC) {
      throw new IOException("it is no cache of this version");
    }
    int end = file.limit() - Integer.BYTES;
    var checksum = new CRC32C();
    checksum.update(file.slice(0, end));
    if ((int) checksum.getValue() != file.getInt(end)) {
      throw new IOException("its checksum does not match");
    }
  }

  private static CachedFiles index(ByteBuffer file) throws IOException {
    int end = file.limit() - TRAILER_BYTES;
    int entries = file.getInt(end);
    if (entries < 0 || entries > file.limit() / ENTRY_HEAD_BYTES) {
      throw new IOException("it cannot have " + entries + " entries");
    }
    var files = new CachedFiles(file, entries);
    int at = Long.BYTES;
    for (int i = 0; i < entries; i++) {
      int length = at > end - ENTRY_HEAD_BYTES ? -1 : file.getInt(at + CachedFileKey.BYTES);
      if (length < 0 || length > end - at - ENTRY_HEAD_BYTES) {
        throw new IOException("an entry is longer than the file");
      }
      files.offsets[files.slotOf(file.getLong(at), file.getLong(at + Long.BYTES))] = at;
      at += ENTRY_HEAD_BYTES + length;
    }
    if (at != end) {
      throw new IOException("it has more than its " + entries + " entries");
    }
    return files;
  }

  /** The place of a path's hash in the table: its entry's offset is there, or {@link #FREE}. */
  private int slotOf(long high, long low) {
    int mask = offsets.length - 1;
    int slot = (int) low & mask;
    while (offsets[slot] != FREE
        && (file.getLong(offsets[slot]) != high
            || file.getLong(offsets[slot] + Long.BYTES) != low)) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** The entry of a file that looks the same. */
  Optional<ByteBuffer> find(CachedFileKey key) {
    ByteBuffer wanted = key.bytes();
    int at = offsets[slotOf(wanted.getLong(0), wanted.getLong(Long.BYTES))];
    if (at == FREE || !file.slice(at, CachedFileKey.BYTES).equals(wanted)) {
      return Optional.empty();
    }
    int length = file.getInt(at + CachedFileKey.BYTES);
    return Optional.of(file.slice(at, ENTRY_HEAD_BYTES + length));
  }

  /** What an entry says of the file's contents. */
  static byte[] content(ByteBuffer entry) {
    byte[] content = new byte[entry.remaining() - ENTRY_HEAD_BYTES];
    entry.get(entry.position() + ENTRY_HEAD_BYTES, content);
    return content;
  }

  /** An entry as it goes into the file. */
  static ByteBuffer entry(CachedFileKey key, byte[] content) {
    return ByteBuffer.allocate(ENTRY_HEAD_BYTES + content.length)
        .put(key.bytes().duplicate())
        .putInt(content.length)
        .put(content)
        .flip();
  }
}
