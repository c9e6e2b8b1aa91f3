package io.lifeboat.files;

import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Walks a source, reads every file, and keeps what it was handed, by path in the snapshot. */
final class Recorder implements FileTreeVisitor {
  final Map<String, FileEntry> entries = new LinkedHashMap<>();
  final Map<String, Contents> contents = new LinkedHashMap<>();
  final List<FileEntry.Folder> left = new ArrayList<>();
  final Warnings warnings;
  private final FileContents reader;
  private final Deque<FileName> open = new ArrayDeque<>();

  Recorder(Progress progress) {
    warnings = new Warnings(progress);
    reader = new FileContents(warnings, progress);
  }

  static Recorder of(FileTreeSource source) {
    var recorder = new Recorder(Progress.none());
    source.walk(recorder, recorder.warnings, Progress.none());
    return recorder;
  }

  @Override
  public void enter(FileEntry.Folder folder) {
    add(folder);
    open.addLast(folder.name());
  }

  @Override
  public void leave(FileEntry.Folder folder) {
    left.add(folder);
    open.removeLast();
  }

  @Override
  public void file(FileEntry.RegularFile file) {
    String path = path(file);
    reader
        .open(file)
        .ifPresent(opened -> {
          try (opened) {
            var bytes = new Contents();
            bytes.outcome = opened.copyTo(bytes);
            contents.put(path, bytes);
            entries.put(path, opened.entry());
          }
        });
  }

  @Override
  public void symlink(FileEntry.Symlink link) {
    add(link);
  }

  private void add(FileEntry entry) {
    entries.put(path(entry), entry);
  }

  private String path(FileEntry entry) {
    return Stream.concat(open.stream(), Stream.of(entry.name()))
        .map(FileName::toString)
        .collect(Collectors.joining("/"));
  }

  /** What a file's contents were, with its holes filled again. */
  static final class Contents implements ContentSink {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Long> holes = new ArrayList<>();
    OpenFile.Outcome outcome = OpenFile.Outcome.FAILED;

    @Override
    public void write(byte[] block, int offset, int lengthBytes) {
      bytes.write(block, offset, lengthBytes);
    }

    @Override
    public void hole(long lengthBytes) {
      holes.add(lengthBytes);
      bytes.writeBytes(new byte[Math.toIntExact(lengthBytes)]);
    }
  }
}
