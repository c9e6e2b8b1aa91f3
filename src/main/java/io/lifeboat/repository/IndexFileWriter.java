package io.lifeboat.repository;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes an {@link IndexFile} from its beginning to its end: chunks, packs, segments. Closing
 * without {@link #finish} leaves a file that will not open. Not thread-safe.
 */
final class IndexFileWriter implements AutoCloseable {
  private static final int BLOCK_BYTES = 1 << 20;

  private final FileChannel channel;
  private final byte[] owner;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
  private final MemorySegment blockBytes = MemorySegment.ofArray(block.array());

  /** Begins a file, over what is there. */
  IndexFileWriter(Path path, byte[] owner) throws IOException {
    this.owner = owner;
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  /** Writes the head: how much will follow. */
  void begin(long chunks, int packs, int segments) throws IOException {
    block.putLong(IndexFile.MAGIC).put(owner);
    block.putLong(chunks).putInt(packs).putInt(segments);
  }

  /** Writes a chunk: an id from a list of chunks, and the pack's number in this file. */
  void chunk(MemorySegment list, long offset, int pack, int ordinal) throws IOException {
    room(IndexFile.CHUNK_BYTES);
    MemorySegment.copy(list, offset, blockBytes, block.position(), ChunkId.BYTES);
    block.position(block.position() + ChunkId.BYTES);
    IndexFile.putPlace(block, pack, ordinal);
  }

  /** Writes all packs, which are ascending by kind and id. */
  void packs(List<PackRef> packs) throws IOException {
    for (PackRef pack : packs) {
      room(IndexFile.PACK_BYTES);
      IndexFile.putPack(block, pack);
    }
  }

  /** Writes all segments' names. */
  void segments(List<byte[]> segments) throws IOException {
    for (byte[] segment : segments.stream().sorted(Arrays::compareUnsigned).toList()) {
      room(IndexFile.SEGMENT_BYTES);
      block.put(segment);
    }
  }

  /** Writes the checksum. */
  void finish() throws IOException {
    flush();
    block.putInt((int) checksum.getValue());
    flush();
  }

  private void room(int bytes) throws IOException {
    if (block.remaining() < bytes) {
      flush();
    }
  }

  private void flush() throws IOException {
    block.flip();
    checksum.update(block.duplicate());
    while (block.hasRemaining()) {
      channel.write(block);
    }
    block.clear();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
