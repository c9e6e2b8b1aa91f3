package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.util.Optional;

/** Finds entries of a snapshot by their paths. */
public final class SnapshotTree {
  private final SnapshotReader snapshot;

  /** The tree of this snapshot, which is not closed. */
  public SnapshotTree(SnapshotReader snapshot) {
    this.snapshot = snapshot;
  }

  /** What is at a path; the root for the empty one. */
  public Optional<Node> find(RestorePath path) {
    Node node = snapshot.root().tree();
    for (FileName name : path.components()) {
      if (!(node instanceof Node.Directory directory)) {
        return Optional.empty();
      }
      Optional<Node> next =
          snapshot.list(directory).stream().filter(entry -> entry.name().equals(name)).findFirst();
      if (next.isEmpty()) {
        return Optional.empty();
      }
      node = next.get();
    }
    return Optional.of(node);
  }

  /**
   * What is at a path.
   *
   * @throws PermanentException with code {@code PATH_UNKNOWN}
   */
  public Node require(RestorePath path) {
    return find(path).orElseThrow(() -> unknown(path.toString()));
  }

  PermanentException unknown(String path) {
    return new PermanentException(
        ErrorCode.PATH_UNKNOWN,
        "The snapshot has no '" + path + "'",
        "Paths begin with an entry of the snapshot's top: "
            + snapshot.list(snapshot.root().tree()).stream()
                .map(node -> node.name().toString())
                .toList());
  }
}
