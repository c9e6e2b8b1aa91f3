package io.lifeboat.restore;

import io.lifeboat.repository.BytesAtHand;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what lies in a target before a restore over it. Follows no symbolic link below the
 * target, and takes nothing behind one for a part of it. One thread asks {@link #holds}.
 */
final class ExistingTree {
  private static final Logger LOG = LoggerFactory.getLogger(ExistingTree.class);
  private static final String ASKED = "unix:mode,size,nlink,dev,ino";
  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR_FILE = 0100000;
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path root;
  private final EntryAttributes attributes;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Map<Inode, Long> linkGroups = new HashMap<>();
  private Optional<List<FileName>> realFolder = Optional.empty();

  ExistingTree(Path root, EntryAttributes attributes) {
    this.root = root;
    this.attributes = attributes;
  }

  private record Inode(Object device, Object number) {}

  /**
   * Whether a file with these contents is at a path; one whose hash was not recorded is never known
   * to be. A file of several names counts only as long as nothing at it has to change: its other
   * names may lie anywhere, and what they lead to is not this restore's to change.
   */
  boolean holds(RestorePath path, Node.RegularFile node) {
    try {
      if (!liesInRealFolders(path)) {
        return false;
      }
      Path file = path.below(root);
      Map<String, Object> unix = Files.readAttributes(file, ASKED, LinkOption.NOFOLLOW_LINKS);
      boolean candidate =
          node.sha256().isPresent()
              && isRegularFile(unix)
              && number(unix, "size") == node.content().sizeBytes();
      return candidate
          && (number(unix, "nlink") == 1 || mayShare(inode(unix), file, node))
          && Arrays.equals(sha256(file), node.sha256().get());
    } catch (IOException e) {
      // Absent, or nothing that this process can read: it is written anew.
      return false;
    }
  }

  /** What is in a file, to take from it; nothing if there is none. */
  BytesAtHand open(RestorePath path) {
    Path file = path.below(root);
    try {
      if (liesInRealFolders(path) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return new ExistingBytes(
            FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
      }
    } catch (IOException e) {
      LOG.debug("event=target-not-read file={} reason={}", file, e.toString());
    }
    return BytesAtHand.none();
  }

  private boolean mayShare(Inode inode, Path file, Node.RegularFile node) throws IOException {
    if (node.linkGroup() == 0 || !attributes.areSet(file, node.attributes())) {
      return false;
    }
    Long group = linkGroups.putIfAbsent(inode, node.linkGroup());
    return group == null || group == node.linkGroup();
  }

  /** Whether two paths of the target are names of one file. */
  boolean isOneFile(RestorePath one, RestorePath other) {
    try {
      if (!liesInRealFolders(one) || !liesInRealFolders(other)) {
        return false;
      }
      Map<String, Object> first =
          Files.readAttributes(one.below(root), ASKED, LinkOption.NOFOLLOW_LINKS);
      Map<String, Object> second =
          Files.readAttributes(other.below(root), ASKED, LinkOption.NOFOLLOW_LINKS);
      return isRegularFile(first) && inode(first).equals(inode(second));
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether there is a folder at a path that is not the root, with no link on the way. */
  boolean hasFolder(RestorePath path) {
    return liesInRealFolders(path) && Surplus.isFolder(path.below(root));
  }

  private synchronized boolean liesInRealFolders(RestorePath path) {
    List<FileName> folder = path.parent().components();
    if (realFolder.isPresent() && realFolder.get().equals(folder)) {
      return true;
    }
    for (int depth = 1; depth <= folder.size(); depth++) {
      Path ancestor = new RestorePath(folder.subList(0, depth)).below(root);
      if (!Files.isDirectory(ancestor, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
    }
    realFolder = Optional.of(folder);
    return true;
  }

  private static boolean isRegularFile(Map<String, Object> unix) {
    return (number(unix, "mode") & TYPE_MASK) == REGULAR_FILE;
  }

  private static long number(Map<String, Object> unix, String attribute) {
    return ((Number) Objects.requireNonNull(unix.get(attribute))).longValue();
  }

  private static Inode inode(Map<String, Object> unix) {
    return new Inode(
        Objects.requireNonNull(unix.get("dev")), Objects.requireNonNull(unix.get("ino")));
  }

  private byte[] sha256(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
