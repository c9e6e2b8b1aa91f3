package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.RawName;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder that a restore fills: it must be empty or absent. While the restore runs, and after one
 * that failed, it holds a file {@value #UNFINISHED} that says so.
 *
 * <p>Owners are set when this process may do that (as root), and left to it otherwise. Folders get
 * their modes and times at the end, so that write-protected ones can be filled.
 */
public final class FolderTarget implements RestoreTarget {
  /** Marks a restore that was not completed. */
  public static final String UNFINISHED = "LIFEBOAT-RESTORE-UNFINISHED";

  private final Path root;
  private final boolean setOwners;
  private final Deque<Folder> folders = new ArrayDeque<>();

  private record Folder(Path path, Attributes attributes) {}

  /** A target at this path; nothing is touched yet. */
  public FolderTarget(Path root) {
    this.root = root.toAbsolutePath().normalize();
    this.setOwners = "root".equals(System.getProperty("user.name"));
  }

  /**
   * Checks that a restore may go there.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY}
   */
  public static void requireEmpty(Path target) {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> entries = Files.list(target)) {
      if (entries.findAny().isPresent()) {
        throw new PermanentException(
            ErrorCode.TARGET_NOT_EMPTY,
            "The target " + target + " is not empty",
            "Give a folder that is empty or does not exist. Lifeboat never restores over existing"
                + " data.");
      }
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {
    Path folder = resolve(path);
    try {
      if (path.components().isEmpty()) {
        requireEmpty(folder);
        Files.createDirectories(folder);
        Files.createFile(folder.resolve(UNFINISHED));
      } else {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        folders.push(new Folder(folder, attributes));
      }
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /** Gives the target itself owner, mode and time; without this it keeps its own. */
  void rootAttributes(Attributes attributes) {
    folders.addLast(new Folder(root, attributes));
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    Path file = resolve(path);
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return new Writer(file, channel, node);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  @Override
  public void hardLink(RestorePath path, RestorePath existing) {
    Path link = resolve(path);
    try {
      Files.createLink(link, resolve(existing));
    } catch (IOException e) {
      throw failed(link, e);
    }
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    Path link = resolve(path);
    try {
      CoreUtilities.symlink(link, node.target());
      owner(link, node.attributes());
      time(link, node.attributes());
    } catch (IOException e) {
      throw failed(link, e);
    }
  }

  @Override
  public void commit() {
    for (Folder folder : folders) {
      try {
        attributes(folder.path(), folder.attributes());
      } catch (IOException e) {
        throw failed(folder.path(), e);
      }
    }
    folders.clear();
    CoreUtilities.sync(root);
    try {
      Files.delete(root.resolve(UNFINISHED));
    } catch (IOException e) {
      throw failed(root, e);
    }
  }

  /** Leaves what was written, marked as unfinished unless it was committed. */
  @Override
  public void close() {
    folders.clear();
  }

  private Path resolve(RestorePath path) {
    Path resolved = root;
    for (FileName name : path.components()) {
      resolved = RawName.resolve(resolved, name);
    }
    return resolved;
  }

  private void attributes(Path path, Attributes attributes) throws IOException {
    owner(path, attributes);
    // After the owner: changing that takes setuid and setgid away.
    Files.setAttribute(path, "unix:mode", attributes.mode(), LinkOption.NOFOLLOW_LINKS);
    time(path, attributes);
  }

  private void owner(Path path, Attributes attributes) throws IOException {
    if (setOwners) {
      Files.setAttribute(path, "unix:uid", attributes.uid(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", attributes.gid(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static void time(Path path, Attributes attributes) throws IOException {
    FileTime modified = FileTime.from(attributes.modifiedAt());
    Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(modified, modified, null);
  }

  static LifeboatException failed(Path where, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new PermanentException(
        full ? ErrorCode.DISK_FULL : ErrorCode.IO_FAILED,
        "Could not write " + where + ": " + e.getMessage(),
        full
            ? "Give the restore a disk with more room; what is there is marked as unfinished and"
                + " may be deleted."
            : "Check that this user may write there; what is there is marked as unfinished and may"
                + " be deleted.",
        e);
  }

  /** One file on its way. */
  private final class Writer implements FileWriter {
    private final Path file;
    private final FileChannel channel;
    private final Node.RegularFile node;

    Writer(Path file, FileChannel channel, Node.RegularFile node) {
      this.file = file;
      this.channel = channel;
      this.node = node;
    }

    @Override
    public void write(ByteBuffer bytes) {
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        throw failed(file, e);
      }
    }

    @Override
    public void hole(long lengthBytes) {
      try {
        channel.position(channel.position() + lengthBytes);
      } catch (IOException e) {
        throw failed(file, e);
      }
    }

    @Override
    public void complete() {
      try {
        long size = channel.position();
        if (channel.size() < size) {
          // The file ends in a hole: one zero at its end gives it its length.
          channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
        }
        channel.close();
        attributes(file, node.attributes());
      } catch (IOException e) {
        throw failed(file, e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw failed(file, e);
      }
    }
  }
}
