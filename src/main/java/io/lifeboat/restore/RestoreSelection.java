package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.files.PathGlob;
import io.lifeboat.repository.FileName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What of a snapshot is restored.
 *
 * <p>One plain path is restored under its last component. Globs, and paths where there are several,
 * keep their whole path, so that nothing can meet.
 *
 * @param paths paths and globs from the snapshot's root on; empty for everything. What is below a
 *     chosen folder is chosen with it
 * @param excludes globs of what is left out, with what is below it
 */
public record RestoreSelection(List<String> paths, List<PathGlob> excludes) {
  /** Copies the lists. */
  public RestoreSelection {
    paths = List.copyOf(paths);
    excludes = List.copyOf(excludes);
  }

  /** Everything. */
  public static RestoreSelection everything() {
    return new RestoreSelection(List.of(), List.of());
  }

  /**
   * One entry and what is below it.
   *
   * @param path components separated by slashes
   */
  public static RestoreSelection of(String path) {
    return of(List.of(path), List.of());
  }

  /**
   * Paths and globs, without what other globs exclude.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static RestoreSelection of(List<String> paths, List<String> excludes) {
    return new RestoreSelection(
        paths, excludes.stream().map(exclude -> glob("exclude", exclude)).toList());
  }

  /** Whether it leaves nothing out. */
  public boolean isEverything() {
    return paths.isEmpty() && excludes.isEmpty();
  }

  boolean excludes(RestorePath path, BooleanSupplier isFolder) {
    if (excludes.isEmpty()) {
      return false;
    }
    String text = path.toString();
    return excludes.stream().anyMatch(glob -> glob.matches(text, isFolder));
  }

  /**
   * The components of a path that somebody typed; slashes at its ends do not count.
   *
   * @throws PermanentException with code {@code USAGE_INVALID}
   */
  public static RestorePath path(String path) {
    var components = new ArrayList<FileName>();
    for (String part : path.split("/")) {
      try {
        if (!part.isEmpty()) {
          components.add(FileName.of(part));
        }
      } catch (IllegalArgumentException e) {
        throw new PermanentException(
            ErrorCode.USAGE_INVALID,
            "'" + path + "' is not a path of a snapshot: " + e.getMessage(),
            "Give a path as the snapshot has it, for instance artifacts/releases.",
            e);
      }
    }
    return new RestorePath(components);
  }

  static PathGlob glob(String what, String text) {
    try {
      return new PathGlob(text);
    } catch (IllegalArgumentException e) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "The " + what + " '" + text + "' cannot be used: " + e.getMessage(),
          "Write globs from the snapshot's root on, like '**/*.pdf' or 'artifacts/old/**'; a"
              + " backslash takes the next character literally.",
          e);
    }
  }
}
