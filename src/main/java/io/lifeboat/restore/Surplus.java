package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.RawName;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a target has and the snapshot has not. It is noted while the tree is walked and deleted when
 * everything else is there. A symbolic link is deleted itself, whatever it leads to; what is
 * excluded stays, with the folders around it.
 */
final class Surplus {
  private final Deleter deleter;
  private final boolean delete;
  private final List<Entry> noted = new ArrayList<>();
  private final Map<RestorePath, FolderEntries> open = new HashMap<>();
  private long deleted;

  /** Deletes an entry, or only counts it. */
  interface Deleter {
    void delete(Path path) throws IOException;
  }

  private record Entry(Path path, FileName name, FolderEntries folder) {}

  /**
   * Nothing is noted yet.
   *
   * @param delete whether anything may be deleted
   */
  Surplus(Deleter deleter, boolean delete) {
    this.deleter = deleter;
    this.delete = delete;
  }

  /** Enters a folder: entries of it are noted and cleared next, and of those around it. */
  void enter(RestorePath path, FolderEntries entries) {
    open.keySet().removeIf(other -> !path.startsWith(other));
    open.put(path, entries);
  }

  /** Notes an entry of a folder, if it is there too much. */
  void note(Path path, FileName name, FolderEntries folder) {
    if (delete && folder.isSurplus(name, isFolder(path))) {
      noted.add(new Entry(path, name, folder));
    }
  }

  /** Deletes what was noted. */
  void delete() throws IOException {
    for (Entry entry : noted) {
      delete(entry.path(), entry.name(), entry.folder());
    }
    noted.clear();
  }

  /** How many entries were deleted. */
  long deleted() {
    return deleted;
  }

  private boolean delete(Path path, FileName name, FolderEntries folder) throws IOException {
    boolean isFolder = isFolder(path);
    if (!folder.isSurplus(name, isFolder)
        || (isFolder && !deleteContents(path, folder.surplusFolder(name)))) {
      return false;
    }
    deleter.delete(path);
    deleted++;
    return true;
  }

  /**
   * Empties a folder that lies where the snapshot has something else.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY} if something in it has to stay
   */
  void clear(RestorePath path, Path folder) throws IOException {
    Optional<FolderEntries> around = Optional.ofNullable(open.get(path.parent()));
    boolean mayDelete = delete && around.map(FolderEntries::whole).orElse(false);
    boolean empty =
        mayDelete
            ? deleteContents(folder, around.get().surplusFolder(path.name()))
            : list(folder).isEmpty();
    if (!empty) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          folder + " is a folder that has to stay, and the snapshot has something else there",
          "Move it away, or let --delete remove what the snapshot does not have.");
    }
  }

  /** Deletes what is in a folder; false if something had to stay. */
  private boolean deleteContents(Path folder, FolderEntries entries) throws IOException {
    boolean all = true;
    for (Path path : list(folder)) {
      all &= delete(path, RawName.of(path), entries);
    }
    return all;
  }

  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }
}
