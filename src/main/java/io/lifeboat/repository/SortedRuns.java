package io.lifeboat.repository;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sorts any number of chunks with little heap: runs of at most {@link #RUN_CHUNKS} are sorted and
 * written to a temporary file, from where they are merged. Each is as in an {@link IndexFile}'s
 * list. Not thread-safe.
 */
final class SortedRuns implements AutoCloseable {
  private static final int RUN_CHUNKS = 128 << 10;

  private final Path file;
  private final FileChannel channel;
  private final Arena arena = Arena.ofShared();
  private final List<byte[]> open = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();

  /** No runs yet; removes the file when it is closed. */
  SortedRuns(Path file) throws IOException {
    this.file = file;
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  void add(ChunkId chunk, int pack, int ordinal) throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(IndexFile.CHUNK_BYTES).put(chunk.bytes());
    IndexFile.putPlace(entry, pack, ordinal);
    open.add(entry.array());
    if (open.size() == RUN_CHUNKS) {
      writeRun();
    }
  }

  private void writeRun() throws IOException {
    open.sort(Arrays::compareUnsigned);
    var block = ByteBuffer.allocate(open.size() * IndexFile.CHUNK_BYTES);
    open.forEach(block::put);
    block.flip();
    while (block.hasRemaining()) {
      channel.write(block);
    }
    lengths.add(open.size());
    open.clear();
  }

  /** All of them: lists that are sorted each, mapped until this is closed. No more are added. */
  List<MemorySegment> finish() throws IOException {
    if (!open.isEmpty()) {
      writeRun();
    }
    var runs = new ArrayList<MemorySegment>();
    MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    long at = 0;
    for (int length : lengths) {
      long bytes = (long) length * IndexFile.CHUNK_BYTES;
      runs.add(all.asSlice(at, bytes));
      at += bytes;
    }
    return runs;
  }

  @Override
  public void close() throws IOException {
    arena.close();
    channel.close();
    Files.deleteIfExists(file);
  }
}
