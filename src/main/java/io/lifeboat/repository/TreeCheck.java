package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Follows a snapshot's tree to its last extent without reading contents: root record, reference
 * list, listings, extent lists are read; of each chunk of contents it looks whether a pack that the
 * reference list names has it, and has enough of it.
 */
final class TreeCheck {
  private final RepositoryContext context;
  private final CurrentLog log;
  private final OpenedPacks packs;

  TreeCheck(RepositoryContext context, CurrentLog log, OpenedPacks packs) {
    this.context = context;
    this.log = log;
    this.packs = packs;
  }

  private record Folder(String path, Node.Directory node) {}

  /**
   * Tells of everything that is affected in a snapshot; a recovery identity is needed. That a prune
   * takes away what a forgotten one needed is nothing to tell of.
   */
  void run(LogRecord.Snapshot entry, Consumer<Affected> affected) {
    try {
      walk(entry, affected);
    } catch (LifeboatException e) {
      if (e.code() != ErrorCode.SNAPSHOT_UNKNOWN) {
        throw e;
      }
    }
  }

  private void walk(LogRecord.Snapshot entry, Consumer<Affected> affected) {
    String snapshot = entry.snapshot();
    try (var reader = new PackedSnapshotReader(context, entry, log, packs)) {
      Deque<Folder> open = new ArrayDeque<>(List.of(new Folder("", reader.root().tree())));
      while (!open.isEmpty()) {
        Folder folder = open.pop();
        String path = folder.path() + "/";
        attempt(
            snapshot,
            path,
            affected,
            () -> {
              Optional<String> lost = missing(reader.extents(folder.node().listing()), reader);
              if (lost.isPresent()) {
                affected.accept(new Affected(snapshot, path, lost.get()));
                return;
              }
              for (Node node : reader.list(folder.node())) {
                check(snapshot, folder.path(), node, reader, open, affected);
              }
            });
      }
    } catch (LifeboatException e) {
      report(snapshot, "", affected, e);
    }
  }

  private void check(
      String snapshot,
      String parent,
      Node node,
      PackedSnapshotReader reader,
      Deque<Folder> open,
      Consumer<Affected> affected) {
    String path = parent.isEmpty() ? node.name().toString() : parent + "/" + node.name();
    switch (node) {
      case Node.Directory directory -> open.push(new Folder(path, directory));
      case Node.Symlink link -> {
        // Its target is in the listing.
      }
      case Node.RegularFile file ->
          attempt(
              snapshot,
              path,
              affected,
              () ->
                  missing(reader.extents(file.content()), reader)
                      .ifPresent(why -> affected.accept(new Affected(snapshot, path, why))));
    }
  }

  /** Whether all chunks of a content are there and not known to be damaged. */
  boolean isWhole(Content content, PackedSnapshotReader reader) {
    try {
      return missing(reader.extents(content), reader).isEmpty();
    } catch (LifeboatException e) {
      if (!OpenedPacks.isDamage(e)) {
        throw e;
      }
      return false;
    }
  }

  private Optional<String> missing(Iterator<Extent> extents, PackedSnapshotReader reader) {
    while (extents.hasNext()) {
      if (extents.next() instanceof Extent.Data data) {
        OptionalInt plainBytes = reader.plainBytes(data.chunk());
        if (plainBytes.isEmpty()) {
          return Optional.of("no pack that is left has its chunk " + data.chunk());
        }
        if (packs.isDamaged(data.chunk())) {
          return Optional.of("its chunk " + data.chunk() + " is damaged");
        }
        if (data.offsetBytes() + data.lengthBytes() > plainBytes.getAsInt()) {
          return Optional.of("it needs more of chunk " + data.chunk() + " than there is");
        }
      }
    }
    return Optional.empty();
  }

  private static void attempt(
      String snapshot, String path, Consumer<Affected> affected, Runnable work) {
    try {
      work.run();
    } catch (LifeboatException e) {
      report(snapshot, path, affected, e);
    }
  }

  private static void report(
      String snapshot, String path, Consumer<Affected> affected, LifeboatException e) {
    if (!OpenedPacks.isDamage(e)) {
      throw e;
    }
    affected.accept(new Affected(snapshot, path, String.valueOf(e.getMessage())));
  }
}
