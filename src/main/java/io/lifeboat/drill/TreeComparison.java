package io.lifeboat.drill;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.RawName;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds a restored tree against its snapshot: every entry is there and no other one, with its kind,
 * size, mode, time, link target, and contents as read from the disk. For one thread, once.
 */
final class TreeComparison {
  private static final int MOST_PROBLEMS = 20;

  private final SnapshotReader snapshot;
  private final Path root;
  private final Progress progress;
  private final byte[] block = new byte[1 << 16];
  private final List<String> problems = new ArrayList<>();
  private final Map<Long, Object> linkKeys = new HashMap<>();
  private long files;

  TreeComparison(SnapshotReader snapshot, Path root, Progress progress) {
    this.snapshot = snapshot;
    this.root = root;
    this.progress = progress;
  }

  /** Compares everything; stops after the first twenty problems. */
  List<String> problems() {
    try {
      folder(snapshot.root().tree(), root);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.IO_FAILED,
          "The restored files cannot be read in " + root + ": " + e,
          "Look at the disk of the drills' work folder.",
          e);
    }
    return List.copyOf(problems);
  }

  /** How many files were compared. */
  long files() {
    return files;
  }

  private void folder(Node.Directory folder, Path place) throws IOException {
    Set<FileName> expected = new HashSet<>();
    for (Node node : snapshot.list(folder)) {
      if (problems.size() >= MOST_PROBLEMS) {
        return;
      }
      progress.checkCancelled();
      expected.add(node.name());
      entry(node, RawName.resolve(place, node.name()));
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
      for (Path entry : entries) {
        if (!expected.contains(RawName.of(entry))) {
          problem(entry, "is not in the snapshot");
        }
      }
    }
  }

  private void entry(Node node, Path place) throws IOException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      problem(place, "is missing");
      return;
    }
    Map<String, Object> found =
        Files.readAttributes(
            place,
            "unix:mode,size,ino,lastModifiedTime,isDirectory,isRegularFile,isSymbolicLink",
            LinkOption.NOFOLLOW_LINKS);
    switch (node) {
      case Node.Directory directory -> {
        if (is(found, "isDirectory", place)) {
          attributes(node.attributes(), found, place);
          folder(directory, place);
        }
      }
      case Node.RegularFile file -> {
        if (is(found, "isRegularFile", place)) {
          attributes(node.attributes(), found, place);
          contents(file, found, place);
        }
      }
      case Node.Symlink link -> {
        if (is(found, "isSymbolicLink", place)
            && !Files.readSymbolicLink(place).equals(RawName.path(link.target()))) {
          problem(place, "points elsewhere");
        }
      }
    }
  }

  private boolean is(Map<String, Object> found, String kind, Path place) {
    if (Boolean.TRUE.equals(found.get(kind))) {
      return true;
    }
    problem(place, "is of another kind");
    return false;
  }

  private void attributes(Attributes expected, Map<String, Object> found, Path place) {
    int mode = value(found.get("mode"), Integer.class) & 07777;
    if (mode != expected.mode()) {
      problem(
          place,
          "has mode "
              + Integer.toOctalString(mode)
              + ", not "
              + Integer.toOctalString(expected.mode()));
    }
    Instant modifiedAt = value(found.get("lastModifiedTime"), FileTime.class).toInstant();
    if (!modifiedAt.equals(expected.modifiedAt())) {
      problem(place, "was modified at " + modifiedAt + ", not " + expected.modifiedAt());
    }
  }

  private void contents(Node.RegularFile file, Map<String, Object> found, Path place)
      throws IOException {
    files++;
    if (file.linkGroup() != 0) {
      Object inode = value(found.get("ino"), Object.class);
      Object first = linkKeys.putIfAbsent(file.linkGroup(), inode);
      if (first != null && !first.equals(inode)) {
        problem(place, "is no longer one file with its other names");
      }
    }
    long size = value(found.get("size"), Long.class);
    if (size != file.content().sizeBytes()) {
      problem(place, "has " + size + " bytes, not " + file.content().sizeBytes());
    } else if (file.sha256().isPresent() && !Arrays.equals(sha256(place), file.sha256().get())) {
      problem(place, "has other contents");
    }
    progress.advance(size, 1);
  }

  private byte[] sha256(Path place) throws IOException {
    try (InputStream in = Files.newInputStream(place)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static <T> T value(@Nullable Object attribute, Class<T> type) {
    return type.cast(Optional.ofNullable(attribute).orElseThrow());
  }

  private void problem(Path place, String what) {
    problems.add(root.relativize(place) + " " + what);
  }
}
