package io.lifeboat.restore;

import io.lifeboat.repository.FileName;
import java.util.HashSet;
import java.util.Set;

/**
 * What a snapshot has in a folder that is being restored: a target that existed before learns from
 * it what it has too much.
 *
 * @param source the folder's path in the snapshot
 * @param names all of its entries, chosen or not
 * @param whole whether all of the folder is restored, but for what is excluded
 * @param selection what is excluded
 */
public record FolderEntries(
    RestorePath source, Set<FileName> names, boolean whole, RestoreSelection selection) {
  /** Copies the names. */
  public FolderEntries {
    names = Set.copyOf(names);
  }

  boolean has(FileName name) {
    return names.contains(name);
  }

  /** The same, with entries that the target keeps in this folder. */
  FolderEntries with(Set<FileName> others) {
    var all = new HashSet<>(names);
    all.addAll(others);
    return new FolderEntries(source, all, whole, selection);
  }

  /** Whether something of this name in the target is there too much. */
  boolean isSurplus(FileName name, boolean isFolder) {
    return whole && !has(name) && !selection.excludes(source.child(name), () -> isFolder);
  }

  /** A folder within this one that the snapshot does not have. */
  FolderEntries surplusFolder(FileName name) {
    return new FolderEntries(source.child(name), Set.of(), whole, selection);
  }
}
