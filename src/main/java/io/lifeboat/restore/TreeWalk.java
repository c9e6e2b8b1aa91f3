package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Goes through a snapshot's tree, folders before their entries, in the order in which it was
 * stored. Two sides: whoever reads contents ahead pulls {@link #files()}, which drives the walk;
 * whoever writes takes {@link Step}s, which come in the same order. So the walk is as far ahead as
 * the read-ahead allows, and no further.
 */
final class TreeWalk {
  private final SnapshotReader snapshot;
  private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
  private final Deque<Iterator<Step.Entry>> open = new ArrayDeque<>();
  private final Set<Long> seenLinkGroups = new HashSet<>();
  private final RestoreSelection selection;
  private boolean started;

  TreeWalk(SnapshotReader snapshot, RestoreSelection selection) {
    this.snapshot = snapshot;
    this.selection = selection;
  }

  /** What to do next. */
  sealed interface Step {
    /**
     * Write an entry.
     *
     * @param secondName a file whose contents were written under another name
     */
    record Entry(RestorePath path, Node node, boolean secondName) implements Step {}

    /** The walk could not go on. */
    record Failed(RuntimeException problem) implements Step {}

    /** Nothing more. */
    record End() implements Step {}
  }

  /** The next step; waits for the walk. */
  Step take() {
    try {
      return steps.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PermanentException(
          ErrorCode.CANCELLED, "The restore was interrupted", "Start it again.", e);
    }
  }

  /** The files whose contents are written, in order; one thread pulls it. */
  Iterator<Node.RegularFile> files() {
    return new Iterator<>() {
      private final Deque<Node.RegularFile> next = new ArrayDeque<>();

      @Override
      public boolean hasNext() {
        if (next.isEmpty()) {
          advance(next);
        }
        return !next.isEmpty();
      }

      @Override
      public Node.RegularFile next() {
        if (!hasNext()) {
          throw new NoSuchElementException("No more files");
        }
        return next.remove();
      }
    };
  }

  /**
   * Walks on to the next file with contents, which it adds; at the end, or when it cannot go on, it
   * adds none.
   */
  private void advance(Deque<Node.RegularFile> found) {
    try {
      if (!started) {
        started = true;
        begin();
      }
      while (found.isEmpty() && !open.isEmpty()) {
        Iterator<Step.Entry> siblings = open.peek();
        if (siblings.hasNext()) {
          visit(siblings.next(), found);
        } else {
          open.pop();
        }
      }
      if (found.isEmpty()) {
        steps.add(new Step.End());
      }
    } catch (RuntimeException e) {
      open.clear();
      steps.add(new Step.Failed(e));
    }
  }

  private void begin() {
    Node.Directory root = snapshot.root().tree();
    Iterator<Step.Entry> first =
        selection.path().isEmpty() ? entries(RestorePath.root(), root) : selected(root);
    // Only now: a path that is not there leaves the target untouched.
    steps.add(new Step.Entry(RestorePath.root(), root, false));
    open.push(first);
  }

  private Iterator<Step.Entry> selected(Node.Directory root) {
    Node node = find(root, selection.path());
    return List.of(new Step.Entry(RestorePath.root().child(node.name()), node, false)).iterator();
  }

  private Node find(Node.Directory root, List<FileName> path) {
    Node node = root;
    for (FileName name : path) {
      if (!(node instanceof Node.Directory directory)) {
        throw unknown();
      }
      node =
          snapshot.list(directory).stream()
              .filter(entry -> entry.name().equals(name))
              .findFirst()
              .orElseThrow(this::unknown);
    }
    return node;
  }

  private PermanentException unknown() {
    return new PermanentException(
        ErrorCode.PATH_UNKNOWN,
        "The snapshot has no '" + new RestorePath(selection.path()) + "'",
        "Paths begin with an entry of the snapshot's top: "
            + snapshot.list(snapshot.root().tree()).stream()
                .map(n -> n.name().toString())
                .toList());
  }

  private Iterator<Step.Entry> entries(RestorePath parent, Node.Directory directory) {
    return snapshot.list(directory).stream()
        .map(node -> new Step.Entry(parent.child(node.name()), node, false))
        .iterator();
  }

  private void visit(Step.Entry entry, Deque<Node.RegularFile> found) {
    switch (entry.node()) {
      case Node.Directory directory -> {
        steps.add(entry);
        open.push(entries(entry.path(), directory));
      }
      case Node.Symlink link -> steps.add(entry);
      case Node.RegularFile file -> {
        boolean second = file.linkGroup() != 0 && !seenLinkGroups.add(file.linkGroup());
        steps.add(new Step.Entry(entry.path(), file, second));
        if (!second) {
          found.add(file);
        }
      }
    }
  }
}
