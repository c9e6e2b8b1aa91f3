package io.lifeboat.restore;

import io.lifeboat.files.RawName;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a target has and the snapshot has not. It is noted while the tree is walked and deleted when
 * everything else is there. A symbolic link is deleted itself, whatever it leads to; what is
 * excluded stays, with the folders around it.
 */
final class Surplus {
  private final Deleter deleter;
  private final List<Entry> noted = new ArrayList<>();
  private long deleted;

  /** Deletes an entry, or only counts it. */
  interface Deleter {
    void delete(Path path) throws IOException;
  }

  private record Entry(Path path, FileName name, FolderEntries folder) {}

  Surplus(Deleter deleter) {
    this.deleter = deleter;
  }

  /** Notes an entry of a folder, if it is there too much. */
  void note(Path path, FileName name, FolderEntries folder) {
    if (folder.isSurplus(name, isFolder(path))) {
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

  /** Deletes what is in a folder; false if something had to stay. */
  boolean deleteContents(Path folder, FolderEntries entries) throws IOException {
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
