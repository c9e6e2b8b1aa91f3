package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.RawName;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.BytesAtHand;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A folder that a restore brings up to the snapshot, whatever lies in it. Files that have the
 * snapshot's contents are left alone; any other is written beside its place and renamed into it, so
 * that at each moment there is the old file or the whole new one. What is the same in both is
 * copied from the old one and not read from the repository. What lies in the target is never
 * followed: a symbolic link where the snapshot has a folder is replaced by one.
 *
 * <p>While it runs, and after it failed or was killed, the target holds {@link
 * FolderTarget#UNFINISHED}; another restore over it ends what was begun, and removes the unfinished
 * files of the one before.
 */
public final class DeltaTarget implements TreeTarget {
  private static final String UNFINISHED_FILE = ".lifeboat-unfinished-";
  private static final Pattern UNFINISHED_NAME =
      Pattern.compile(Pattern.quote(UNFINISHED_FILE) + "[0-9a-f]{16}");
  private static final int WORKABLE = 0700;

  private final Path root;
  private final EntryAttributes attributes;
  private final ExistingTree existing;
  private final Surplus surplus;
  private final Deque<Folder> folders = new ArrayDeque<>();
  private final RandomGenerator random;

  private record Folder(Path path, Attributes attributes) {}

  /**
   * A target at this path; nothing is touched yet.
   *
   * @param delete whether what the snapshot does not have is deleted
   * @param random names files on their way
   */
  public DeltaTarget(Path root, Ownership ownership, boolean delete, RandomGenerator random) {
    this.root = root.toAbsolutePath().normalize();
    this.surplus = new Surplus(DeltaTarget::remove, delete);
    this.attributes = new EntryAttributes(ownership);
    this.existing = new ExistingTree(this.root, attributes);
    this.random = random;
  }

  @Override
  public boolean holds(RestorePath path, Node.RegularFile node) {
    return existing.holds(path, node);
  }

  @Override
  public BytesAtHand existing(RestorePath path) {
    return existing.open(path);
  }

  @Override
  public boolean keep(RestorePath path, Node.RegularFile node) {
    Path file = path.below(root);
    try {
      if (!attributes.areSet(file, node.attributes())) {
        attributes.set(file, node.attributes());
      }
      return true;
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }

  @Override
  public void directory(RestorePath path, Attributes wanted) {
    Path folder = path.below(root);
    try {
      if (path.components().isEmpty()) {
        begin();
        return;
      }
      refuseOurMark(path);
      if (Surplus.isFolder(folder)) {
        makeWorkable(folder);
      } else {
        Files.deleteIfExists(folder);
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      folders.push(new Folder(folder, wanted));
    } catch (IOException e) {
      throw FolderTarget.failed(folder, e);
    }
  }

  private void begin() throws IOException {
    // The target itself may be a link: it is what somebody named.
    if (!Files.isDirectory(root)) {
      Files.createDirectories(root);
    }
    Path mark = root.resolve(FolderTarget.UNFINISHED);
    if (Surplus.isFolder(mark)) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          mark + " is a folder, where the restore keeps its mark",
          "Move it away.");
    }
    if (!Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(mark);
    }
  }

  private void refuseOurMark(RestorePath path) {
    if (path.components().size() == 1
        && path.components().getFirst().equals(FileName.of(FolderTarget.UNFINISHED))) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          "The snapshot has a '" + path + "' at its top, where the restore keeps its mark",
          "Restore what else it has with --path and --exclude.");
    }
  }

  private static void makeWorkable(Path folder) throws IOException {
    int mode = (int) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
    if ((mode & WORKABLE) != WORKABLE) {
      Files.setAttribute(folder, "unix:mode", mode | WORKABLE, LinkOption.NOFOLLOW_LINKS);
    }
  }

  @Override
  public void entries(RestorePath path, FolderEntries entries) {
    surplus.enter(path, entries);
    Path folder = path.below(root);
    try {
      for (Path entry : Surplus.list(folder)) {
        FileName name = RawName.of(entry);
        if (!isOurs(path, name, entries)) {
          surplus.note(entry, name, entries);
        } else if (isUnfinishedFile(name)) {
          remove(entry);
        }
      }
    } catch (IOException e) {
      throw FolderTarget.failed(folder, e);
    }
  }

  /** Whether a restore made an entry for itself: its mark, or a file that was on its way. */
  static boolean isOurs(RestorePath folder, FileName name, FolderEntries entries) {
    boolean mark = folder.components().isEmpty() && name.toString().equals(FolderTarget.UNFINISHED);
    return !entries.has(name) && (mark || isUnfinishedFile(name));
  }

  private static boolean isUnfinishedFile(FileName name) {
    return UNFINISHED_NAME.matcher(name.toString()).matches();
  }

  @Override
  public void rootAttributes(Attributes wanted) {
    folders.addLast(new Folder(root, wanted));
  }

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    refuseOurMark(path);
    Path file = path.below(root);
    Path unfinished = unfinished(file);
    try {
      FileChannel channel =
          FileChannel.open(
              unfinished,
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return new FileOutput(
          file,
          channel,
          () -> {
            attributes.set(unfinished, node.attributes());
            replace(path, unfinished);
          },
          () -> Files.deleteIfExists(unfinished));
    } catch (IOException e) {
      throw FolderTarget.failed(file, e);
    }
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath first) {
    refuseOurMark(path);
    if (existing.isOneFile(path, first)) {
      return false;
    }
    Path link = path.below(root);
    Path unfinished = unfinished(link);
    try {
      Files.createLink(unfinished, first.below(root));
      replace(path, unfinished);
      return true;
    } catch (IOException e) {
      throw FolderTarget.failed(link, e);
    }
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    refuseOurMark(path);
    Path link = path.below(root);
    try {
      if (leadsTo(link, node.target())) {
        attributes.setOnLink(link, node.attributes());
      } else {
        Path unfinished = unfinished(link);
        CoreUtilities.symlink(unfinished, node.target());
        attributes.setOnLink(unfinished, node.attributes());
        replace(path, unfinished);
      }
    } catch (IOException e) {
      throw FolderTarget.failed(link, e);
    }
  }

  private static boolean leadsTo(Path link, byte[] target) throws IOException {
    return Files.isSymbolicLink(link)
        && Arrays.equals(RawName.bytes(Files.readSymbolicLink(link)), target);
  }

  private Path unfinished(Path file) {
    return file.resolveSibling(UNFINISHED_FILE + HexFormat.of().toHexDigits(random.nextLong()));
  }

  private void replace(RestorePath path, Path unfinished) throws IOException {
    Path place = path.below(root);
    if (Surplus.isFolder(place)) {
      makeWorkable(place);
      surplus.clear(path, place);
      remove(place);
    }
    Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void remove(Path path) throws IOException {
    Path folder = path.getParent();
    if (folder != null && !Files.isWritable(folder)) {
      makeWorkable(folder);
    }
    Files.delete(path);
  }

  @Override
  public void commit() {
    try {
      surplus.delete();
      for (Folder folder : folders) {
        attributes.set(folder.path(), folder.attributes());
      }
    } catch (IOException e) {
      throw FolderTarget.failed(root, e);
    }
    folders.clear();
    CoreUtilities.sync(root);
    try {
      Files.delete(root.resolve(FolderTarget.UNFINISHED));
    } catch (IOException e) {
      throw FolderTarget.failed(root, e);
    }
  }

  @Override
  public long deleted() {
    return surplus.deleted();
  }

  /** Leaves what was written, marked as unfinished unless it was committed. */
  @Override
  public void close() {
    folders.clear();
  }
}
