package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.Node;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder that a restore fills: it must be empty or absent. While the restore runs, and after one
 * that failed, it holds a file {@value #UNFINISHED} that says so.
 *
 * <p>Folders get their modes and times at the end, so that write-protected ones can be filled.
 */
public final class FolderTarget implements TreeTarget {
  /** Marks a restore that was not completed. */
  public static final String UNFINISHED = "LIFEBOAT-RESTORE-UNFINISHED";

  private final Path root;
  private final EntryAttributes attributes;
  private final Deque<Folder> folders = new ArrayDeque<>();

  private record Folder(Path path, Attributes attributes) {}

  /** A target at this path whose owners are those of the snapshot; nothing is touched yet. */
  public FolderTarget(Path root) {
    this(root, Ownership.asRecorded());
  }

  /** A target at this path; nothing is touched yet. */
  public FolderTarget(Path root, Ownership ownership) {
    this.root = root.toAbsolutePath().normalize();
    this.attributes = new EntryAttributes(ownership);
  }

  /**
   * Checks that a restore may go there.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY}
   */
  public static void requireEmpty(Path target) {
    requireFolder(target);
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> entries = Files.list(target)) {
      if (entries.findAny().isPresent()) {
        throw new PermanentException(
            ErrorCode.TARGET_NOT_EMPTY,
            "The target " + target + " is not empty",
            "Give a folder that is empty or does not exist, or bring what is there up to the"
                + " snapshot with --delta.");
      }
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  /**
   * Checks that a restore may go to a place, be it empty or not.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY} if there is something that is no
   *     folder, at the place or on the way to it
   */
  static void requireFolder(Path target) {
    for (Path place = target.toAbsolutePath(); place != null; place = place.getParent()) {
      if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
        if (!Files.isDirectory(place)) {
          throw new PermanentException(
              ErrorCode.TARGET_NOT_EMPTY,
              "The target "
                  + target
                  + (place.equals(target.toAbsolutePath())
                      ? " is not a folder"
                      : " cannot be made: " + place + " is not a folder"),
              "Give a folder that is empty or does not exist. Nothing was written.");
        }
        return;
      }
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

  @Override
  public void rootAttributes(Attributes attributes) {
    folders.addLast(new Folder(root, attributes));
  }

  @Override
  public boolean takesFilesTogether() {
    return true;
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
      return new FileOutput(file, channel, () -> attributes.set(file, node.attributes()), () -> {});
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath existing) {
    Path link = resolve(path);
    try {
      Files.createLink(link, resolve(existing));
      return true;
    } catch (IOException e) {
      throw failed(link, e);
    }
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    Path link = resolve(path);
    try {
      CoreUtilities.symlink(link, node.target());
      attributes.setOnLink(link, node.attributes());
    } catch (IOException e) {
      throw failed(link, e);
    }
  }

  @Override
  public void commit() {
    for (Folder folder : folders) {
      try {
        attributes.set(folder.path(), folder.attributes());
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
    return path.below(root);
  }

  static LifeboatException failed(Path where, IOException e) {
    return failed(where, e, "what is there is marked as unfinished and may be deleted.");
  }

  /**
   * Why something could not be written.
   *
   * @param rest what became of it, the end of a sentence
   */
  public static LifeboatException failed(Path where, IOException e, String rest) {
    String reason = reason(e);
    boolean full = reason.contains("No space left") || reason.contains("quota exceeded");
    return new PermanentException(
        full ? ErrorCode.DISK_FULL : ErrorCode.IO_FAILED,
        "Could not write " + where + ": " + reason,
        (full ? "Give it a disk with more room; " : "Check that this user may write there; ")
            + rest,
        e);
  }

  /** Java's message of some failures is the path alone. */
  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException there -> "there is something of this name";
      case NoSuchFileException missing -> "the folder is not there";
      default -> String.valueOf(e.getMessage());
    };
  }
}
