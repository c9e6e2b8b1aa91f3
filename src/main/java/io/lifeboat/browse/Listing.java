package io.lifeboat.browse;

import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestorePath;
import io.lifeboat.restore.SnapshotTree;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** Lists what is in a snapshot. */
public final class Listing {
  private final SnapshotReader snapshot;

  /** A listing of this snapshot, which is not closed. */
  public Listing(SnapshotReader snapshot) {
    this.snapshot = snapshot;
  }

  /**
   * Tells of the entries of a folder in the order of their names, or of what else is at the path.
   *
   * @param recursive whether what is in its folders is told of, each behind its folder
   * @throws io.lifeboat.error.PermanentException with code {@code PATH_UNKNOWN}
   */
  public void list(RestorePath path, boolean recursive, Consumer<Item> consumer) {
    switch (new SnapshotTree(snapshot).require(path)) {
      case Node.Directory folder -> below(path, folder, recursive, consumer);
      case Node.RegularFile file -> consumer.accept(new Item(path, file));
      case Node.Symlink link -> consumer.accept(new Item(path, link));
    }
  }

  /** Tells of what is in a folder. */
  void below(RestorePath path, Node.Directory folder, boolean recursive, Consumer<Item> consumer) {
    Deque<Iterator<Item>> open = new ArrayDeque<>();
    open.push(items(path, folder));
    while (!open.isEmpty()) {
      Iterator<Item> siblings = open.peek();
      if (!siblings.hasNext()) {
        open.pop();
        continue;
      }
      Item item = siblings.next();
      consumer.accept(item);
      if (recursive && item.node() instanceof Node.Directory inner) {
        open.push(items(item.path(), inner));
      }
    }
  }

  private Iterator<Item> items(RestorePath path, Node.Directory folder) {
    List<Node> nodes = snapshot.list(folder);
    return nodes.stream().map(node -> new Item(path.child(node.name()), node)).iterator();
  }
}
