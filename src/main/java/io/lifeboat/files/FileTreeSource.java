package io.lifeboat.files;

import io.lifeboat.config.SourceConfig;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.FileName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Walks the configured paths. Each appears as its last component. A configured path that is a
 * symbolic link is followed, because what it leads to is meant; links below are kept as links.
 * Mounted file systems are walked into.
 *
 * <p>Pipes, sockets and devices are left out with a warning. What vanishes or cannot be read is
 * left out with a warning too; only a configured path itself must be readable. Access control lists
 * and extended attributes are not kept.
 *
 * <p>Memory is bounded by the largest folder. A source may be walked many times; one walk uses one
 * thread.
 */
public final class FileTreeSource {
  private final SortedMap<FileName, Path> roots;
  private final Exclusions exclusions;

  /**
   * A source as configured.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID} for two paths of one name, for a
   *     path without a name, or a pattern that makes no sense
   */
  public FileTreeSource(SourceConfig.Files config) {
    this(config.paths(), config.exclude());
  }

  /** A source of these paths, without what these globs match. */
  public FileTreeSource(List<Path> paths, List<String> exclude) {
    this.roots = byName(paths);
    this.exclusions = new Exclusions(exclude);
  }

  /**
   * Makes sure that every configured path is there and can be read.
   *
   * @throws PermanentException with code {@code SOURCE_PATH_MISSING} or {@code SOURCE_UNREADABLE}
   */
  public void check() {
    roots.values().forEach(FileTreeSource::requireReadable);
  }

  /**
   * Walks all paths once.
   *
   * @throws PermanentException as {@link #check}, before anything is visited; with code {@code
   *     CANCELLED} if somebody asked for that
   */
  public void walk(FileTreeVisitor visitor, Warnings warnings, Progress progress) {
    check();
    var walk = new FileTreeWalk(exclusions, visitor, warnings, progress);
    roots.forEach(walk::root);
  }

  private static SortedMap<FileName, Path> byName(List<Path> paths) {
    if (paths.isEmpty()) {
      throw new PermanentException(
          ErrorCode.CONFIG_INVALID,
          "The source has no paths",
          "Set paths to the files and folders to protect.");
    }
    SortedMap<FileName, Path> byName = new TreeMap<>();
    for (Path path : paths) {
      Path whole = path.toAbsolutePath().normalize();
      if (whole.getFileName() == null) {
        throw new PermanentException(
            ErrorCode.CONFIG_INVALID,
            "The source's path " + path + " has no last component to be restored as",
            "Name the folders below it instead.");
      }
      Path other = byName.putIfAbsent(RawName.of(whole), whole);
      if (other != null) {
        throw new PermanentException(
            ErrorCode.CONFIG_INVALID,
            "The source's paths "
                + other
                + " and "
                + whole
                + " would both be restored as "
                + whole.getFileName(),
            "Put one of them into another source, or name a folder above them.");
      }
    }
    return byName;
  }

  private static void requireReadable(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (var _ = Files.newDirectoryStream(path)) {
          return;
        }
      } else if (Files.isRegularFile(path) || Files.notExists(path)) {
        try (var _ = Files.newByteChannel(path)) {
          return;
        }
      } else {
        throw new FileSystemException(path.toString(), null, "it is neither a folder nor a file");
      }
    } catch (NoSuchFileException e) {
      throw new PermanentException(
          ErrorCode.SOURCE_PATH_MISSING,
          "The source's path " + path + " does not exist",
          "Create or mount it, or take it out of the source's paths.",
          e);
    } catch (IOException e) {
      throw new PermanentException(
          ErrorCode.SOURCE_UNREADABLE,
          "The source's path " + path + " cannot be read: " + Unreadable.reason(e),
          "Give this process's user the right to read it, and all below it.",
          e);
    }
  }
}
