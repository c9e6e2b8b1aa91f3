package io.lifeboat.files;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One walk over a source's paths, depth first. Not thread-safe. */
final class FileTreeWalk {
  private final UnixLook look = new UnixLook();
  private final Exclusions exclusions;
  private final FileTreeVisitor visitor;
  private final Warnings warnings;
  private final Progress progress;

  /**
   * An entry's name, with the path object that keeps its bytes; no whole paths, because a folder
   * may have millions.
   */
  private record Listed(FileName name, Path last) {}

  FileTreeWalk(
      Exclusions exclusions, FileTreeVisitor visitor, Warnings warnings, Progress progress) {
    this.exclusions = exclusions;
    this.visitor = visitor;
    this.warnings = warnings;
    this.progress = progress;
  }

  /** Walks a configured path. A link there is followed; the name stays the configured one. */
  void root(FileName name, Path path) {
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.SOURCE_UNREADABLE,
          "The source's path " + path + " cannot be read: " + Unreadable.reason(e),
          "Give this process's user the right to read it, and all below it.",
          e);
    }
    visit(real, name, "");
  }

  private void visit(Path path, FileName name, String relative) {
    progress.checkCancelled();
    try {
      switch (look.at(path, name)) {
        case UnixLook.Found.NotKept(String kind) ->
            warnings.add("Left out the " + kind + " " + path);
        case UnixLook.Found.Kept(FileEntry.RegularFile file) -> visitor.file(file);
        case UnixLook.Found.Kept(FileEntry.Symlink link) -> visitor.symlink(link);
        case UnixLook.Found.Kept(FileEntry.Folder folder) -> visitFolder(folder, relative);
      }
    } catch (IOException e) {
      warnings.add("Left out " + path + ": " + Unreadable.reason(e));
    }
  }

  private void visitFolder(FileEntry.Folder folder, String relative) {
    visitor.enter(folder);
    for (Listed entry : list(folder.path(), relative)) {
      visit(folder.path().resolve(entry.last()), entry.name(), child(relative, entry.name()));
    }
    visitor.leave(folder);
  }

  private List<Listed> list(Path folder, String relative) {
    List<Listed> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        FileName name = RawName.of(path);
        if (!isExcluded(path, child(relative, name))) {
          entries.add(new Listed(name, path.getFileName()));
        }
      }
    } catch (DirectoryIteratorException e) {
      warnings.add(
          "Left out part of the folder " + folder + ": listing it failed: " + e.getMessage());
    } catch (IOException e) {
      warnings.add("Left out what is in the folder " + folder + ": " + Unreadable.reason(e));
    }
    entries.sort(Comparator.comparing(Listed::name));
    return entries;
  }

  private boolean isExcluded(Path path, String relative) {
    return !exclusions.isEmpty()
        && exclusions.matches(relative, () -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
  }

  /** Decoded as UTF-8, whatever the locale: patterns are written in UTF-8. */
  private String child(String relative, FileName name) {
    if (exclusions.isEmpty()) {
      return "";
    }
    return relative.isEmpty() ? name.toString() : relative + "/" + name;
  }
}
