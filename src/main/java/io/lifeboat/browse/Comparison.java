package io.lifeboat.browse;

import io.lifeboat.repository.FileName;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestorePath;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Compares two snapshots of one source. Folders whose listings are the same bytes hold the same,
 * down to the last file below them: they are not opened, so the work is that of what changed.
 */
public final class Comparison {
  private final SnapshotReader before;
  private final SnapshotReader after;
  private final Consumer<Change> consumer;

  /** What happened to an entry. */
  public enum Kind {
    ADDED,
    REMOVED,
    /** It is another kind of thing. */
    TYPE,
    /** A file's contents, or what a link leads to; attributes, too, or not. */
    CONTENTS,
    /** Mode, owner or time only. */
    ATTRIBUTES
  }

  /** A difference; at least one side is there. */
  public record Change(Kind kind, RestorePath path, Optional<Node> before, Optional<Node> after) {}

  /** A comparison that tells of each difference, folders before what is in them. */
  public Comparison(SnapshotReader before, SnapshotReader after, Consumer<Change> consumer) {
    this.before = before;
    this.after = after;
    this.consumer = consumer;
  }

  /** Compares all of both. */
  public void run() {
    contents(RestorePath.root(), before.root().tree(), after.root().tree());
  }

  private void contents(RestorePath path, Node.Directory old, Node.Directory now) {
    if (old.listing().equals(now.listing())) {
      return;
    }
    Map<FileName, Node> olds = byName(before, old);
    Map<FileName, Node> nows = byName(after, now);
    var names = new TreeSet<>(olds.keySet());
    names.addAll(nows.keySet());
    for (FileName name : names) {
      RestorePath child = path.child(name);
      Optional<Node> was = Optional.ofNullable(olds.get(name));
      Optional<Node> is = Optional.ofNullable(nows.get(name));
      if (was.isPresent() && is.isPresent()) {
        entry(child, was.get(), is.get());
      } else {
        was.ifPresent(node -> removed(child, node));
        is.ifPresent(node -> added(child, node));
      }
    }
  }

  private static Map<FileName, Node> byName(SnapshotReader snapshot, Node.Directory folder) {
    Map<FileName, Node> nodes = new LinkedHashMap<>();
    snapshot.list(folder).forEach(node -> nodes.put(node.name(), node));
    return nodes;
  }

  private void entry(RestorePath path, Node was, Node is) {
    if (was instanceof Node.Directory old && is instanceof Node.Directory now) {
      attributes(path, was, is);
      contents(path, old, now);
    } else if (was instanceof Node.RegularFile old && is instanceof Node.RegularFile now) {
      if (!haveSameContents(old, now)) {
        tell(Kind.CONTENTS, path, was, is);
      } else {
        attributes(path, was, is);
      }
    } else if (was instanceof Node.Symlink old && is instanceof Node.Symlink now) {
      if (Arrays.equals(old.target(), now.target())) {
        attributes(path, was, is);
      } else {
        tell(Kind.CONTENTS, path, was, is);
      }
    } else {
      tell(Kind.TYPE, path, was, is);
      below(before, path, was, Kind.REMOVED);
      below(after, path, is, Kind.ADDED);
    }
  }

  /** Where not both have a hash, the same chunks are the same; others are taken for a change. */
  private static boolean haveSameContents(Node.RegularFile old, Node.RegularFile now) {
    return old.sha256().isPresent() && now.sha256().isPresent()
        ? old.content().sizeBytes() == now.content().sizeBytes()
            && Arrays.equals(old.sha256().get(), now.sha256().get())
        : old.content().equals(now.content());
  }

  private void attributes(RestorePath path, Node was, Node is) {
    if (!was.attributes().equals(is.attributes())) {
      tell(Kind.ATTRIBUTES, path, was, is);
    }
  }

  private void tell(Kind kind, RestorePath path, Node was, Node is) {
    consumer.accept(new Change(kind, path, Optional.of(was), Optional.of(is)));
  }

  private void removed(RestorePath path, Node node) {
    tellOne(Kind.REMOVED, path, node);
    below(before, path, node, Kind.REMOVED);
  }

  private void added(RestorePath path, Node node) {
    tellOne(Kind.ADDED, path, node);
    below(after, path, node, Kind.ADDED);
  }

  private void below(SnapshotReader snapshot, RestorePath path, Node node, Kind kind) {
    if (node instanceof Node.Directory folder) {
      new Listing(snapshot)
          .below(path, folder, true, item -> tellOne(kind, item.path(), item.node()));
    }
  }

  private void tellOne(Kind kind, RestorePath path, Node node) {
    consumer.accept(
        kind == Kind.ADDED
            ? new Change(kind, path, Optional.empty(), Optional.of(node))
            : new Change(kind, path, Optional.of(node), Optional.empty()));
  }
}
