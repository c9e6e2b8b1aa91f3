package io.lifeboat.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Snapshots of one folder of files that are in memory: names and their bytes. */
public final class SmallSnapshots {
  static final Attributes PLAIN =
      new Attributes(0644, 1000, 1000, "ada", "staff", Instant.parse("2026-01-30T10:11:12Z"));

  private SmallSnapshots() {}

  /** Backs up through an open writer. */
  public static SnapshotInfo write(SnapshotWriter writer, Map<String, byte[]> files) {
    List<CompletableFuture<Node.RegularFile>> nodes = new ArrayList<>();
    files.forEach((name, bytes) -> {
      ContentWriter content = writer.content(Chunking.CONTENT, bytes.length);
      content.write(bytes, 0, bytes.length);
      nodes.add(
          content
              .finish()
              .thenApply(stored ->
                  new Node.RegularFile(
                      FileName.of(name), PLAIN, stored.content(), stored.sha256(), 0)));
    });
    long size = files.values().stream().mapToLong(bytes -> bytes.length).sum();
    return writer.commit(
        "{}",
        writer.directory(FileName.of("root"), PLAIN, nodes),
        new SnapshotWriter.Totals(size, files.size()));
  }

  /** Backs up. */
  public static SnapshotInfo write(Repository repository, String id, Map<String, byte[]> files) {
    try (SnapshotWriter writer = repository.begin(RepositoryFixture.order(id))) {
      return write(writer, files);
    }
  }

  /** Restores. */
  public static Map<String, byte[]> read(Repository repository, String id) {
    try (SnapshotReader reader = repository.read(id)) {
      return read(reader);
    }
  }

  /** Restores through an open reader. */
  static Map<String, byte[]> read(SnapshotReader reader) {
    List<Node.RegularFile> files =
        reader.list(reader.root().tree()).stream().map(Node.RegularFile.class::cast).toList();
    Map<String, byte[]> back = new LinkedHashMap<>();
    try (ContentSequence contents = reader.read(files.iterator())) {
      for (Node.RegularFile file : files) {
        back.put(file.name().toString(), bytes(contents.next()));
      }
    }
    return back;
  }

  static void assertHolds(Repository repository, String id, Map<String, byte[]> expected) {
    Map<String, byte[]> back = read(repository, id);
    assertThat(back.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach(
        (name, bytes) -> assertThat(Arrays.equals(back.get(name), bytes)).as(name).isTrue());
  }

  private static byte[] bytes(ContentReader content) {
    var bytes = new ByteArrayOutputStream();
    for (var piece = content.next(); piece.isPresent(); piece = content.next()) {
      switch (piece.get()) {
        case ContentReader.Piece.Data data -> {
          byte[] part = new byte[data.bytes().remaining()];
          data.bytes().get(part);
          bytes.writeBytes(part);
        }
        case ContentReader.Piece.Hole hole -> bytes.writeBytes(new byte[(int) hole.lengthBytes()]);
      }
    }
    return bytes.toByteArray();
  }

  /** Incompressible files, different for each seed. */
  public static Map<String, byte[]> randomFiles(int seed, int count, int sizeBytes) {
    var random = new Random(seed);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[sizeBytes];
      random.nextBytes(bytes);
      files.put(String.format("file-%d-%03d", seed, i), bytes);
    }
    return files;
  }
}
