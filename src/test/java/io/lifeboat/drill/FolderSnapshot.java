package io.lifeboat.drill;

import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Content;
import io.lifeboat.repository.ContentReader;
import io.lifeboat.repository.ContentSequence;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.repository.SnapshotRoot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A snapshot that is a plain folder: for tests of what comes after reading. */
public final class FolderSnapshot implements SnapshotReader {
  public static final Instant FINISHED = Instant.parse("2026-01-31T02:10:00Z");

  private final Path folder;
  private final SnapshotRoot root;
  private final Map<Content, Path> places = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();

  public FolderSnapshot(String id, String sourceType, String facts, Path folder)
      throws IOException {
    this.folder = folder;
    long files = 0;
    long bytes = 0;
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file :
          all.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)).toList()) {
        files++;
        bytes += Files.size(file);
      }
    }
    var info =
        new SnapshotInfo(
            id,
            "shop",
            sourceType,
            "shop-nightly",
            FINISHED.minusSeconds(600),
            FINISHED,
            bytes,
            bytes,
            files,
            Optional.empty(),
            List.of(),
            Optional.empty());
    this.root =
        new SnapshotRoot(
            info,
            facts,
            new Node.Directory(FileName.of("root"), attributes(folder), content(folder, 0)));
  }

  @Override
  public SnapshotRoot root() {
    return root;
  }

  @Override
  public List<Node> list(Node.Directory directory) {
    try (Stream<Path> entries = Files.list(places.get(directory.listing()))) {
      return entries.sorted().map(this::node).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Node node(Path path) {
    try {
      FileName name = FileName.of(path.getFileName().toString());
      Attributes attributes = attributes(path);
      if (Files.isSymbolicLink(path)) {
        byte[] target = Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8);
        return new Node.Symlink(name, attributes, target);
      }
      if (Files.isDirectory(path)) {
        return new Node.Directory(name, attributes, content(path, 0));
      }
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
      return new Node.RegularFile(
          name, attributes, content(path, Files.size(path)), Optional.of(sha256), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static Attributes attributes(Path path) throws IOException {
    Map<String, Object> all =
        Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    return new Attributes(
        (int) all.get("mode") & 07777,
        (int) all.get("uid"),
        (int) all.get("gid"),
        "",
        "",
        ((FileTime) all.get("lastModifiedTime")).toInstant());
  }

  /** Contents are told apart by a number in place of an extent. */
  private Content content(Path path, long sizeBytes) {
    Content content =
        new Content.Indirect(sizeBytes, new Content.Inline(next.incrementAndGet(), List.of()));
    places.put(content, path);
    return content;
  }

  /** The walk relies on being driven by whoever reads ahead, in a thread of its own. */
  @Override
  public ContentSequence read(Iterator<Node.RegularFile> files) {
    var ahead = new LinkedBlockingQueue<Node.RegularFile>();
    Thread reader = Thread.ofVirtual().start(() -> files.forEachRemaining(ahead::add));
    return new ContentSequence() {
      @Override
      public ContentReader next() {
        try {
          return content(ahead.take());
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void close() {
        reader.interrupt();
      }
    };
  }

  private ContentReader content(Node.RegularFile file) {
    try {
      InputStream in = Files.newInputStream(places.get(file.content()));
      return () -> {
        try {
          byte[] bytes = in.readNBytes(1 << 18);
          if (bytes.length == 0) {
            in.close();
            return Optional.empty();
          }
          return Optional.of(new ContentReader.Piece.Data(ByteBuffer.wrap(bytes)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return folder.toString();
  }
}
