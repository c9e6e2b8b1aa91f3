package io.lifeboat.restore;

import io.lifeboat.files.PathGlob;
import io.lifeboat.repository.FileName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Chooses entries of one snapshot: the paths of a selection that are there, and its globs. */
final class Selector {
  private final Set<RestorePath> paths = new HashSet<>();
  private final Set<RestorePath> foldersOnTheWay = new HashSet<>();
  private final List<Glob> globs = new ArrayList<>();

  /**
   * A glob, and the folders that everything it matches lies in.
   *
   * @param fixed the components before the first that holds a wildcard
   */
  private record Glob(PathGlob glob, List<FileName> fixed) {
    boolean mayMatchBelow(RestorePath folder) {
      int depth = Math.min(folder.components().size(), fixed.size());
      return folder.components().subList(0, depth).equals(fixed.subList(0, depth));
    }
  }

  /**
   * Reads paths and globs. What is there under that very name is taken for it, wildcards or not.
   *
   * @throws io.lifeboat.error.PermanentException {@code PATH_UNKNOWN}, {@code USAGE_INVALID}
   */
  Selector(List<String> texts, SnapshotTree tree) {
    for (String text : texts) {
      RestorePath path = RestoreSelection.path(text);
      if (tree.find(path).isPresent()) {
        paths.add(path);
        for (int depth = 0; depth < path.components().size(); depth++) {
          foldersOnTheWay.add(new RestorePath(path.components().subList(0, depth)));
        }
      } else if (PathGlob.hasWildcard(text)) {
        globs.add(new Glob(RestoreSelection.glob("path", text), fixed(text)));
      } else {
        throw tree.unknown(path.toString());
      }
    }
  }

  private static List<FileName> fixed(String glob) {
    var names = new ArrayList<FileName>();
    for (String part : glob.substring(0, glob.lastIndexOf('/') + 1).split("/")) {
      if (part.isEmpty() || PathGlob.hasWildcard(part)) {
        break;
      }
      names.add(FileName.of(part));
    }
    return names;
  }

  boolean chooses(RestorePath path, boolean isFolder) {
    if (paths.contains(path)) {
      return true;
    }
    if (globs.isEmpty()) {
      return false;
    }
    String text = path.toString();
    return globs.stream().anyMatch(glob -> glob.glob().matches(text, () -> isFolder));
  }

  /** Whether something below this folder may be chosen. */
  boolean mayChooseBelow(RestorePath folder) {
    return foldersOnTheWay.contains(folder)
        || globs.stream().anyMatch(glob -> glob.mayMatchBelow(folder));
  }
}
