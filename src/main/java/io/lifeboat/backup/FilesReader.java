package io.lifeboat.backup;

import io.lifeboat.files.ContentSink;
import io.lifeboat.files.FileContents;
import io.lifeboat.files.FileEntry;
import io.lifeboat.files.FileTreeSource;
import io.lifeboat.files.FileTreeVisitor;
import io.lifeboat.files.OpenFile;
import io.lifeboat.files.Warnings;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Chunking;
import io.lifeboat.repository.ContentWriter;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotWriter;
import io.lifeboat.repository.StoredContent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads artifact trees; files that the cache knows to be unchanged are not opened. */
final class FilesReader implements SourceReader {
  private final FileTreeSource source;
  private final FileCache cache;
  private final Instant started;

  FilesReader(FileTreeSource source, FileCache cache, Instant started) {
    this.source = source;
    this.cache = cache;
    this.started = started;
  }

  @Override
  public String type() {
    return "files";
  }

  @Override
  public void check() {
    source.check();
  }

  @Override
  public Read read(SnapshotWriter writer, Progress progress) {
    progress.phase("read");
    var warnings = new Warnings(progress);
    var walk = new Walk(writer, warnings, progress);
    source.walk(walk, warnings, progress);
    var attributes = new Attributes(0755, 0, 0, "", "", started);
    CompletableFuture<Node.Directory> tree =
        writer.directory(FileName.of("root"), attributes, walk.top());
    return new Read(
        "{}",
        tree,
        new SnapshotWriter.Totals(walk.sizeBytes, walk.files),
        walk.bytesRead,
        walk.filesRead,
        warnings.sentences(),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public void committed() {
    cache.save();
  }

  @Override
  public void close() {
    cache.close();
  }

  /** What one pass has seen so far. */
  private final class Walk implements FileTreeVisitor {
    private final SnapshotWriter writer;
    private final Warnings warnings;
    private final FileContents contents;
    private final Progress progress;
    private final Deque<List<CompletableFuture<? extends Node>>> open = new ArrayDeque<>();
    private final Map<FileEntry.Identity, Linked> linked = new HashMap<>();
    private long sizeBytes;
    private long files;
    private long bytesRead;
    private long filesRead;

    /**
     * A file that may have more names: its number, and its contents, empty if they could not be
     * read.
     */
    private record Linked(long group, Optional<CompletableFuture<StoredContent>> content) {}

    Walk(SnapshotWriter writer, Warnings warnings, Progress progress) {
      this.writer = writer;
      this.warnings = warnings;
      this.contents = new FileContents(warnings, progress);
      this.progress = progress;
      open.push(new ArrayList<>());
    }

    List<CompletableFuture<? extends Node>> top() {
      return open.getFirst();
    }

    @Override
    public void enter(FileEntry.Folder folder) {
      open.push(new ArrayList<>());
    }

    @Override
    public void leave(FileEntry.Folder folder) {
      List<CompletableFuture<? extends Node>> entries = open.pop();
      top().add(writer.directory(folder.name(), folder.attributes(), entries));
    }

    @Override
    public void symlink(FileEntry.Symlink link) {
      top()
          .add(
              CompletableFuture.completedFuture(
                  new Node.Symlink(link.name(), link.attributes(), link.target())));
    }

    @Override
    public void file(FileEntry.RegularFile file) {
      if (!file.hasOtherNames()) {
        content(file).ifPresent(content -> add(file, content, 0));
        return;
      }
      Linked known = linked.get(file.identity());
      if (known == null) {
        known = new Linked(linked.size() + 1L, content(file));
        linked.put(file.identity(), known);
      } else if (known.content().isEmpty()) {
        warnings.add("Left out " + file.path() + ": it could not be read under its other name");
      }
      long group = known.group();
      known.content().ifPresent(content -> add(file, content, group));
    }

    private void add(
        FileEntry.RegularFile file, CompletableFuture<StoredContent> content, long group) {
      files++;
      top()
          .add(
              content.thenApply(stored ->
                  new Node.RegularFile(
                      file.name(), file.attributes(), stored.content(), stored.sha256(), group)));
    }

    /**
     * The contents, from the cache or from the file; empty, with a warning, if it cannot be read.
     */
    private Optional<CompletableFuture<StoredContent>> content(FileEntry.RegularFile file) {
      Optional<FileCache.Known> known =
          cache.find(file).filter(found -> writer.reuse(found.content().content()));
      if (known.isPresent()) {
        cache.keep(known.get());
        sizeBytes += file.sizeBytes();
        progress.advance(file.sizeBytes(), 1);
        return Optional.of(CompletableFuture.completedFuture(known.get().content()));
      }
      Optional<OpenFile> opened = contents.open(file);
      if (opened.isEmpty()) {
        return Optional.empty();
      }
      try (OpenFile reading = opened.get()) {
        return read(reading);
      }
    }

    private Optional<CompletableFuture<StoredContent>> read(OpenFile reading) {
      FileEntry.RegularFile file = reading.entry();
      ContentWriter content = writer.content(Chunking.CONTENT, file.sizeBytes());
      var sink = new Counting(content, progress);
      OpenFile.Outcome outcome = reading.copyTo(sink);
      CompletableFuture<StoredContent> stored = content.finish();
      bytesRead += sink.bytes;
      filesRead++;
      progress.advance(0, 1);
      return switch (outcome) {
        case FAILED -> Optional.empty();
        case CHANGED -> {
          sizeBytes += sink.bytes;
          yield Optional.of(stored);
        }
        case UNCHANGED -> {
          sizeBytes += sink.bytes;
          yield Optional.of(
              stored.thenApply(known -> {
                cache.keep(file, known);
                return known;
              }));
        }
      };
    }
  }

  /** Hands bytes on and counts them. */
  private static final class Counting implements ContentSink {
    private final ContentWriter content;
    private final Progress progress;
    private long bytes;

    Counting(ContentWriter content, Progress progress) {
      this.content = content;
      this.progress = progress;
    }

    @Override
    public void write(byte[] block, int offset, int lengthBytes) {
      content.write(block, offset, lengthBytes);
      bytes += lengthBytes;
      progress.advance(lengthBytes, 0);
    }

    @Override
    public void hole(long lengthBytes) {
      content.hole(lengthBytes);
      bytes += lengthBytes;
      progress.advance(lengthBytes, 0);
    }
  }
}
