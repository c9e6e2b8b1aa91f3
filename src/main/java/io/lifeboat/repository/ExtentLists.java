package io.lifeboat.repository;

import io.lifeboat.crypto.ChunkIds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What very long files consist of, for the next run of the same host: their lists of extents are
 * chunks, which a writer cannot read back from the repository. Each is a file here that has the
 * chunk's id for a name. The id is a keyed hash of what is in it, so what was damaged, or comes
 * from elsewhere, is as good as absent. Disposable: without a list, the file it belongs to is read
 * again.
 *
 * <p>Runs may share a folder: a file is there whole or not at all, and nothing in it ever changes.
 * On the heap there are the ids of the lists of this run, one for some 40 GB of a file's contents.
 */
final class ExtentLists {
  private static final Logger LOG = LoggerFactory.getLogger(ExtentLists.class);
  private static final String TEMPORARY = "new-";

  private final Path folder;
  private final ChunkIds ids;
  private final Set<String> used = ConcurrentHashMap.newKeySet();

  /** Lists in a folder, which is made when the first is kept. */
  ExtentLists(Path folder, ChunkIds ids) {
    this.folder = folder;
    this.ids = ids;
  }

  /** Keeps a chunk of a list. That it could not be kept is a warning: the next run does without. */
  void keep(byte[] chunk) {
    String name = idOf(chunk).toString();
    if (!used.add(name)) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, TEMPORARY, "");
      try {
        Files.write(temporary, chunk);
        Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      LOG.warn("cache=not-saved folder={} reason={}", folder, e.toString());
    }
  }

  /**
   * Whether the list of these contents is here, and all chunks that it names meet a condition.
   * Reads the list one chunk at a time.
   */
  boolean allMatch(Content.Indirect content, Predicate<ChunkId> condition) {
    return walk(
        content, extent -> !(extent instanceof Extent.Data data) || condition.test(data.chunk()));
  }

  /** The extents of these contents, all at once; empty if their list is not here. */
  Optional<List<Extent>> read(Content.Indirect content) {
    var extents = new ArrayList<Extent>();
    return walk(content, extents::add) ? Optional.of(extents) : Optional.empty();
  }

  /** Whether the list is here and a condition holds for each extent, up to the last. */
  private boolean walk(Content.Indirect content, Predicate<Extent> condition) {
    var decoder = new ExtentDecoder();
    long coveredBytes = 0;
    for (Iterator<Extent> list = content.extentList().extents().iterator(); list.hasNext(); ) {
      Optional<byte[]> chunk =
          list.next() instanceof Extent.Data part ? find(part.chunk()) : Optional.empty();
      if (chunk.isEmpty()) {
        return false;
      }
      for (Extent extent : decoder.next(chunk.get(), !list.hasNext())) {
        coveredBytes += extent.lengthBytes();
        if (!condition.test(extent)) {
          return false;
        }
      }
    }
    return coveredBytes == content.sizeBytes();
  }

  private Optional<byte[]> find(ChunkId id) {
    Path file = folder.resolve(id.toString());
    try {
      if (Files.size(file) > ExtentListWriter.CHUNK_BYTES) {
        return Optional.empty();
      }
      byte[] chunk = Files.readAllBytes(file);
      if (!idOf(chunk).equals(id)) {
        LOG.warn("cache=ignored file={} reason=it is not what its name says", file);
        return Optional.empty();
      }
      used.add(id.toString());
      return Optional.of(chunk);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("cache=ignored file={} reason={}", file, e.toString());
      return Optional.empty();
    }
  }

  private ChunkId idOf(byte[] chunk) {
    return new ChunkId(ids.id(chunk, 0, chunk.length));
  }

  /** Removes what this run neither kept nor found. */
  void removeUnused() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!used.contains(String.valueOf(file.getFileName()))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("cache=not-cleaned folder={} reason={}", folder, e.toString());
    }
  }
}
