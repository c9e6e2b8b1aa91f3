package io.lifeboat.repository;

import io.lifeboat.error.LifeboatException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packs that became durable since the last run of a domain that ended well, on this host: so
 * that what a killed run has stored is found, whatever it had no time to write into the store.
 *
 * <pre>
 * journal := record*
 * record  := length u32 || an index segment of one pack, sealed as in the store
 * </pre>
 *
 * <p>Each record is on disk when {@link #append} returns. A record that does not open, and all
 * after it, is dropped: the seal tells a torn or foreign one. Whoever has the journal has its
 * folder to itself. Thread-safe.
 */
final class RunJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunJournal.class);

  private final Optional<Path> path;
  private final IndexSegments segments;
  private Optional<RandomAccessFile> file = Optional.empty();
  private long endBytes;
  private boolean failed;

  /**
   * A journal.
   *
   * @param path of its file, or empty for a run that keeps none
   */
  RunJournal(Optional<Path> path, IndexSegments segments) {
    this.path = path;
    this.segments = segments;
    this.failed = path.isEmpty();
  }

  /** The packs that runs before this one have left. */
  List<PackRef> packs() throws IOException {
    List<PackRef> packs = new ArrayList<>();
    read(pack -> packs.add(pack.ref()));
    return packs;
  }

  /** Reads what runs before this one have left, in order; not after an append. */
  synchronized void read(IndexSegments.PackReader reader) throws IOException {
    endBytes = 0;
    if (path.isEmpty() || !Files.exists(path.get())) {
      return;
    }
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path.get())))) {
      long size = Files.size(path.get());
      Optional<IndexSegments.Pack> next = next(in, size);
      while (next.isPresent()) {
        reader.pack(next.get());
        next = next(in, size);
      }
    }
  }

  /** The next record's pack, or empty at the end and where the rest is damaged. */
  private Optional<IndexSegments.Pack> next(DataInputStream in, long size) throws IOException {
    if (endBytes == size) {
      return Optional.empty();
    }
    try {
      long left = size - endBytes - Integer.BYTES;
      int length = in.readInt();
      if (length < 0 || length > left) {
        return cut("a record is longer than the file");
      }
      List<IndexSegments.Pack> packs = segments.parse(in.readNBytes(length), "the run's journal");
      endBytes += Integer.BYTES + length;
      return packs.stream().findFirst();
    } catch (IOException | LifeboatException e) {
      return cut(String.valueOf(e.getMessage()));
    }
  }

  private Optional<IndexSegments.Pack> cut(String reason) {
    LOG.warn("event=journal-cut file={} atByte={} reason={}", path, endBytes, reason);
    return Optional.empty();
  }

  /** Notes a pack that is durable. A journal that cannot be written fails no backup. */
  synchronized void append(IndexSegments.Pack pack) {
    if (failed) {
      return;
    }
    byte[] sealed = segments.encode(List.of(pack));
    try {
      RandomAccessFile out = opened();
      out.writeInt(sealed.length);
      out.write(sealed);
      out.getFD().sync();
      endBytes = out.getFilePointer();
    } catch (IOException e) {
      failed = true;
      LOG.warn("event=journal-not-written file={} reason={}", path, e.toString());
    }
  }

  /** Not a channel: that would be closed by the interrupt that stops a run. */
  private RandomAccessFile opened() throws IOException {
    if (file.isEmpty()) {
      var out = new RandomAccessFile(path.orElseThrow().toFile(), "rw");
      file = Optional.of(out);
      out.setLength(endBytes);
      out.seek(endBytes);
    }
    return file.get();
  }

  /** A run has ended well: forgets all of it. */
  synchronized void forget() {
    close();
    failed = true;
    try {
      if (path.isPresent()) {
        Files.deleteIfExists(path.get());
      }
    } catch (IOException e) {
      LOG.warn("event=journal-not-removed file={} reason={}", path, e.toString());
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      LOG.warn("event=journal-not-closed file={} reason={}", path, e.toString());
    }
    file = Optional.empty();
  }
}
