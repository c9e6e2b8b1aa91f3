package io.lifeboat.backup;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Chunking;
import io.lifeboat.repository.ContentWriter;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The tree of a snapshot whose files are made as they are written. For one thread. */
final class DumpTree {
  /** More than what is put together with others into one chunk. */
  private static final long LONG_BYTES = 64L << 20;

  private final SnapshotWriter writer;
  private final Attributes attributes;
  private final Counter counter;
  private final Folder root = new Folder();
  private long bytes;
  private long files;

  /** Hears what was written. */
  @FunctionalInterface
  interface Counter {
    void count(long bytes, long files);
  }

  /** A tree whose files all have these attributes. */
  DumpTree(SnapshotWriter writer, Attributes attributes, Counter counter) {
    this.writer = writer;
    this.attributes = attributes;
    this.counter = counter;
  }

  /** A folder whose entries are still coming. */
  private static final class Folder {
    private final Map<String, Folder> folders = new LinkedHashMap<>();
    private final List<CompletableFuture<? extends Node>> files = new ArrayList<>();
  }

  /** A file that is being written; until it is finished, no other one is. */
  final class OpenFile {
    private final Folder folder;
    private final FileName name;
    private final ContentWriter content;

    private OpenFile(Folder folder, String name, long expectedBytes) {
      this.folder = folder;
      this.name = FileName.of(name);
      this.content = writer.content(Chunking.CONTENT, expectedBytes);
    }

    void write(byte[] block, int offset, int lengthBytes) {
      content.write(block, offset, lengthBytes);
      bytes += lengthBytes;
      counter.count(lengthBytes, 0);
    }

    /** It is whole, and belongs to the tree. */
    void finish() {
      files++;
      counter.count(0, 1);
      folder.files.add(
          content
              .finish()
              .thenApply(stored ->
                  new Node.RegularFile(name, attributes, stored.content(), stored.sha256(), 0)));
    }
  }

  /** Begins a file whose length is not known; the last name is its own. */
  OpenFile open(String... path) {
    return open(LONG_BYTES, path);
  }

  /** Writes a whole file. */
  void file(byte[] content, String... path) {
    file(content, content.length, false, path);
  }

  /**
   * Writes a whole file.
   *
   * @param alone whether it shares no chunk with others
   */
  void file(byte[] content, int lengthBytes, boolean alone, String... path) {
    OpenFile file = open(alone ? LONG_BYTES : lengthBytes, path);
    file.write(content, 0, lengthBytes);
    file.finish();
  }

  private OpenFile open(long expectedBytes, String... path) {
    Folder folder = root;
    for (int i = 0; i < path.length - 1; i++) {
      folder = folder.folders.computeIfAbsent(path[i], name -> new Folder());
    }
    return new OpenFile(folder, path[path.length - 1], expectedBytes);
  }

  /** Bytes of all files so far. */
  long bytes() {
    return bytes;
  }

  /** How many files were finished. */
  long files() {
    return files;
  }

  /** Everything that was written. */
  CompletableFuture<Node.Directory> root() {
    return directory("root", root);
  }

  private CompletableFuture<Node.Directory> directory(String name, Folder folder) {
    List<CompletableFuture<? extends Node>> entries = new ArrayList<>(folder.files);
    folder.folders.forEach((child, below) -> entries.add(directory(child, below)));
    var of =
        new Attributes(0700, attributes.uid(), attributes.gid(), "", "", attributes.modifiedAt());
    return writer.directory(FileName.of(name), of, entries);
  }
}
