package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.repository.WantedFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;

/**
 * Goes through what is chosen of a snapshot's tree, folders before their entries, in the order in
 * which it was stored. Two sides: whoever reads contents ahead pulls {@link #files()}, which drives
 * the walk; whoever writes takes {@link Step}s, which come in the same order. So the walk is as far
 * ahead as the read-ahead allows, and no further.
 */
final class TreeWalk {
  private static final int STEPS_AHEAD = 10_000;

  private final SnapshotReader snapshot;
  private final RestoreSelection selection;
  private final RestoreTarget target;
  private final BlockingQueue<Step> steps = new ArrayBlockingQueue<>(STEPS_AHEAD);
  private final Deque<Folder> open = new ArrayDeque<>();
  private final Set<Long> seenLinkGroups = new HashSet<>();
  private Optional<Selector> selector = Optional.empty();
  private boolean started;

  /** A walk for this target, which is asked what it holds already. */
  TreeWalk(SnapshotReader snapshot, RestoreSelection selection, RestoreTarget target) {
    this.snapshot = snapshot;
    this.selection = selection;
    this.target = target;
  }

  /** What to do next. */
  sealed interface Step {
    /** Make a folder. */
    record Directory(RestorePath path, Node.Directory node, FolderEntries entries)
        implements Step {}

    /** Make a symbolic link. */
    record Symlink(RestorePath path, Node.Symlink node) implements Step {}

    /** Write a file. */
    record File(RestorePath path, Node.RegularFile node, Contents contents) implements Step {}

    /** The walk could not go on. */
    record Failed(RuntimeException problem) implements Step {}

    /** Nothing more. */
    record End() implements Step {}
  }

  /** Where a file's contents come from. */
  enum Contents {
    /** They are the next of those that are read. */
    READ,
    /** They were written under another name. */
    LINKED,
    /** The target has them. */
    HELD
  }

  /** A folder on the way down. */
  private static final class Folder {
    private final RestorePath source;
    private final Iterator<Node> entries;
    private final boolean whole;
    private final Step.Directory step;
    private boolean announced;

    Folder(RestorePath source, List<Node> entries, boolean whole, Step.Directory step) {
      this.source = source;
      this.entries = entries.iterator();
      this.whole = whole;
      this.step = step;
    }
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
  Iterator<WantedFile> files() {
    return new Iterator<>() {
      private final Deque<WantedFile> next = new ArrayDeque<>();

      @Override
      public boolean hasNext() {
        if (next.isEmpty()) {
          advance(next);
        }
        return !next.isEmpty();
      }

      @Override
      public WantedFile next() {
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
  private void advance(Deque<WantedFile> found) {
    try {
      if (!started) {
        started = true;
        begin(found);
      }
      while (found.isEmpty() && !open.isEmpty()) {
        Folder folder = open.peek();
        if (folder.entries.hasNext()) {
          Node node = folder.entries.next();
          RestorePath source = folder.source.child(node.name());
          visit(source, folder.step.path().child(node.name()), node, folder.whole, found);
        } else {
          open.pop();
          requireSomething(folder);
        }
      }
      if (found.isEmpty()) {
        put(new Step.End());
      }
    } catch (RuntimeException e) {
      open.clear();
      put(new Step.Failed(e));
    }
  }

  private void begin(Deque<WantedFile> found) {
    Node.Directory root = snapshot.root().tree();
    var tree = new SnapshotTree(snapshot);
    RestorePath top = RestorePath.root();
    if (selection.paths().size() == 1) {
      RestorePath only = RestoreSelection.path(selection.paths().getFirst());
      Optional<Node> node = tree.find(only);
      if (node.isPresent() && !only.components().isEmpty()) {
        enter(top, top, root, List.of(), false);
        announce();
        visit(only, top.child(node.get().name()), node.get(), true, found);
        return;
      }
    }
    if (!selection.paths().isEmpty()) {
      selector = Optional.of(new Selector(selection.paths(), tree));
    }
    boolean whole = chosen(top, true);
    enter(top, top, root, snapshot.list(root), whole);
    if (whole) {
      announce();
    }
  }

  private boolean chosen(RestorePath source, boolean isFolder) {
    return selector.map(chooser -> chooser.chooses(source, isFolder)).orElse(true);
  }

  /** Only what was chosen is announced: a path that is not there leaves the target untouched. */
  private void requireSomething(Folder folder) {
    if (open.isEmpty() && !folder.announced) {
      throw new SnapshotTree(snapshot).unknown(String.join("' or '", selection.paths()));
    }
  }

  private void enter(
      RestorePath source,
      RestorePath path,
      Node.Directory directory,
      List<Node> entries,
      boolean whole) {
    Set<FileName> names = entries.stream().map(Node::name).collect(Collectors.toUnmodifiableSet());
    var step =
        new Step.Directory(path, directory, new FolderEntries(source, names, whole, selection));
    open.push(new Folder(source, entries, whole, step));
  }

  /** Tells of the open folders that were not told of yet, outermost first. */
  private void announce() {
    for (Iterator<Folder> outermostFirst = open.descendingIterator(); outermostFirst.hasNext(); ) {
      Folder folder = outermostFirst.next();
      if (!folder.announced) {
        folder.announced = true;
        put(folder.step);
      }
    }
  }

  private void visit(
      RestorePath source, RestorePath path, Node node, boolean within, Deque<WantedFile> found) {
    boolean isFolder = node instanceof Node.Directory;
    if (selection.excludes(source, () -> isFolder)) {
      return;
    }
    boolean chosen = within || chosen(source, isFolder);
    switch (node) {
      case Node.Directory directory -> {
        if (chosen || selector.map(chooser -> chooser.mayChooseBelow(source)).orElse(false)) {
          enter(source, path, directory, snapshot.list(directory), chosen);
        }
        if (chosen) {
          announce();
        }
      }
      case Node.Symlink link -> {
        if (chosen) {
          announce();
          put(new Step.Symlink(path, link));
        }
      }
      case Node.RegularFile file -> {
        if (chosen) {
          announce();
          file(path, file, found);
        }
      }
    }
  }

  private void file(RestorePath path, Node.RegularFile file, Deque<WantedFile> found) {
    boolean linked =
        file.linkGroup() != 0 && !seenLinkGroups.add(file.linkGroup()) && target.hasHardLinks();
    Contents contents =
        linked ? Contents.LINKED : target.holds(path, file) ? Contents.HELD : Contents.READ;
    put(new Step.File(path, file, contents));
    if (contents == Contents.READ) {
      found.add(new WantedFile(file, () -> target.existing(path)));
    }
  }

  /** Waits for room; nobody waits for a step of a walk that was interrupted. */
  private void put(Step step) {
    try {
      steps.put(step);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      open.clear();
    }
  }
}
