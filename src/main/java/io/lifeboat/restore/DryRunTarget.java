package io.lifeboat.restore;

import io.lifeboat.files.RawName;
import io.lifeboat.repository.Attributes;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts what a restore would do, and touches nothing. No contents are read from the repository;
 * over an existing tree, those of its files are.
 */
public final class DryRunTarget implements TreeTarget {
  private final Path root;
  private final boolean delta;
  private final ExistingTree existing;
  private final Surplus surplus;
  private final Set<RestorePath> written = new HashSet<>();

  /** Counts what would be done at this path. */
  public DryRunTarget(Path root, Ownership ownership, boolean delta, boolean delete) {
    this.root = root.toAbsolutePath().normalize();
    this.delta = delta;
    this.surplus = new Surplus(path -> {}, delete);
    this.existing = new ExistingTree(this.root, new EntryAttributes(ownership));
  }

  @Override
  public boolean holds(RestorePath path, Node.RegularFile node) {
    return true;
  }

  @Override
  public boolean keep(RestorePath path, Node.RegularFile node) {
    makeRoom(path);
    boolean held = delta && existing.holds(path, node);
    if (!held && node.linkGroup() != 0) {
      written.add(path);
    }
    return held;
  }

  @Override
  public void directory(RestorePath path, Attributes attributes) {}

  @Override
  public void entries(RestorePath path, FolderEntries entries) {
    Path folder = path.below(root);
    boolean there =
        path.components().isEmpty() ? Files.isDirectory(root) : existing.hasFolder(path);
    surplus.enter(path, entries);
    if (!there) {
      return;
    }
    try {
      for (Path entry : Surplus.list(folder)) {
        FileName name = RawName.of(entry);
        if (!DeltaTarget.isOurs(path, name, entries)) {
          surplus.note(entry, name, entries);
        }
      }
    } catch (IOException e) {
      throw FolderTarget.failed(folder, e);
    }
  }

  @Override
  public void rootAttributes(Attributes attributes) {}

  @Override
  public FileWriter file(RestorePath path, Node.RegularFile node) {
    throw new IllegalStateException("A dry run reads no contents");
  }

  @Override
  public boolean hardLink(RestorePath path, RestorePath first) {
    makeRoom(path);
    // Other names of a file that is written anew are given anew.
    return !delta || written.contains(first) || !existing.isOneFile(path, first);
  }

  @Override
  public void symlink(RestorePath path, Node.Symlink node) {
    makeRoom(path);
  }

  private void makeRoom(RestorePath path) {
    Path place = path.below(root);
    try {
      if (existing.hasFolder(path)) {
        surplus.clear(path, place);
      }
    } catch (IOException e) {
      throw FolderTarget.failed(place, e);
    }
  }

  @Override
  public void commit() {
    try {
      surplus.delete();
    } catch (IOException e) {
      throw FolderTarget.failed(root, e);
    }
  }

  @Override
  public long deleted() {
    return surplus.deleted();
  }

  @Override
  public void close() {}
}
