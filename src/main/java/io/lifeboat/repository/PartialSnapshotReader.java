package io.lifeboat.repository;

import java.util.Iterator;
import java.util.List;

/**
 * Reads what is left of a damaged snapshot: files with a chunk that is missing or damaged are not
 * in the listings, and folders whose listing is lost are empty.
 */
final class PartialSnapshotReader implements SnapshotReader {
  private final PackedSnapshotReader snapshot;
  private final TreeCheck trees;

  PartialSnapshotReader(PackedSnapshotReader snapshot, TreeCheck trees) {
    this.snapshot = snapshot;
    this.trees = trees;
  }

  @Override
  public SnapshotRoot root() {
    return snapshot.root();
  }

  @Override
  public List<Node> list(Node.Directory directory) {
    if (!trees.isWhole(directory.listing(), snapshot)) {
      return List.of();
    }
    return snapshot.list(directory).stream().filter(this::isLeft).toList();
  }

  private boolean isLeft(Node node) {
    return switch (node) {
      case Node.RegularFile file -> trees.isWhole(file.content(), snapshot);
      case Node.Directory directory -> true;
      case Node.Symlink link -> true;
    };
  }

  @Override
  public ContentSequence read(Iterator<Node.RegularFile> files) {
    return snapshot.read(files);
  }

  @Override
  public ContentSequence readAround(Iterator<WantedFile> files) {
    return snapshot.readAround(files);
  }

  @Override
  public void close() {
    snapshot.close();
  }
}
