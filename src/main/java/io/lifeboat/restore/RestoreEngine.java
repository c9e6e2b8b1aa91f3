package io.lifeboat.restore;

import io.lifeboat.progress.Progress;
import io.lifeboat.repository.ContentReader;
import io.lifeboat.repository.ContentSequence;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Walks a snapshot and writes what it finds to a target: the one path that restores and drills
 * share. Every file's contents are held against the hash that was taken when they were read from
 * the source; what does not match ends the restore.
 */
public final class RestoreEngine {
  /** What comes together before a writer is bothered with it: a small file is one step. */
  private static final int STEP_BYTES = 1 << 20;

  /**
   * Restores a snapshot, or a part of it, and commits the target.
   *
   * @throws io.lifeboat.error.LifeboatException {@code OBJECT_DAMAGED} or {@code OBJECT_MISSING}
   *     with the object's name, {@code PATH_UNKNOWN}, {@code CANCELLED}, and whatever the target
   *     throws; the target is not committed then
   */
  public Restored restore(
      SnapshotReader snapshot,
      RestoreSelection selection,
      RestoreTarget target,
      Progress progress) {
    progress.phase("restore");
    var walk = new TreeWalk(snapshot, selection, target);
    Run run;
    try (FileLanes lanes =
            target.takesFilesTogether() ? FileLanes.parallel() : FileLanes.sequential();
        ContentSequence contents = snapshot.readAround(walk.files())) {
      run = new Run(target, lanes, progress);
      boolean more = true;
      while (more) {
        progress.checkCancelled();
        lanes.check();
        more = run.apply(walk.take(), contents);
      }
      lanes.drain();
    }
    target.commit();
    return new Restored(
        run.bytes, run.files, run.unchanged, target.deleted(), run.fetched, run.kept);
  }

  /**
   * What was done.
   *
   * @param bytes how many were written
   * @param files regular files that are there now, all names counted
   * @param unchanged how many of them had been there
   * @param deleted entries that the snapshot does not have
   * @param fetched of the bytes written, those of files' contents that the repository was read for
   * @param kept bytes of contents that the target had: those of files that were unchanged, and of
   *     the others those that were taken from what lay there
   */
  public record Restored(
      long bytes, long files, long unchanged, long deleted, long fetched, long kept) {
    /** Into a target that had nothing. */
    public Restored(long bytes, long files, long unchanged, long deleted) {
      this(bytes, files, unchanged, deleted, bytes, 0);
    }

    /** How many files were written, or given another name. */
    public long written() {
      return files - unchanged;
    }
  }

  /** One restore on its way. */
  private static final class Run {
    private final RestoreTarget target;
    private final FileLanes lanes;
    private final Progress progress;
    private final Map<Long, FirstName> firstNames = new HashMap<>();
    private long bytes;
    private long files;
    private long unchanged;
    private long fetched;
    private long kept;

    /** A file that may get other names, once it was written. */
    private record FirstName(RestorePath path, CompletableFuture<Void> written) {}

    Run(RestoreTarget target, FileLanes lanes, Progress progress) {
      this.target = target;
      this.lanes = lanes;
      this.progress = progress;
    }

    /** Writes one entry; answers whether there may be another. */
    boolean apply(TreeWalk.Step step, ContentSequence contents) {
      switch (step) {
        case TreeWalk.Step.Directory folder -> {
          target.directory(folder.path(), folder.node().attributes());
          target.entries(folder.path(), folder.entries());
        }
        case TreeWalk.Step.Symlink link -> target.symlink(link.path(), link.node());
        case TreeWalk.Step.File file -> {
          write(file, contents);
          files++;
        }
        case TreeWalk.Step.Failed failed -> throw failed.problem();
        case TreeWalk.Step.End end -> {
          return false;
        }
      }
      return true;
    }

    private void write(TreeWalk.Step.File step, ContentSequence contents) {
      Node.RegularFile file = step.node();
      switch (step.contents()) {
        case LINKED -> {
          FirstName first = firstNames.get(file.linkGroup());
          if (first == null) {
            throw FileWrite.damaged(step.path(), "its first name is not in the snapshot");
          }
          lanes.await(first.written());
          unchanged += target.hardLink(step.path(), first.path()) ? 0 : 1;
        }
        case HELD -> {
          keep(step.path(), file);
          name(step, CompletableFuture.completedFuture(null));
        }
        case READ -> name(step, contents(step.path(), file, contents.next()));
      }
    }

    private void name(TreeWalk.Step.File step, CompletableFuture<Void> written) {
      if (step.node().linkGroup() != 0) {
        firstNames.put(step.node().linkGroup(), new FirstName(step.path(), written));
      }
    }

    private void keep(RestorePath path, Node.RegularFile file) {
      long size = file.content().sizeBytes();
      if (target.keep(path, file)) {
        unchanged++;
        kept += size;
      } else {
        bytes += size;
        fetched += size;
      }
      progress.advance(size, 1);
    }

    private CompletableFuture<Void> contents(
        RestorePath path, Node.RegularFile file, ContentReader contents) {
      var write = new FileWrite(path, file, target, progress);
      FileLanes.Lane lane = lanes.begin(write::close);
      try (lane) {
        List<ContentReader.Piece> pieces = new ArrayList<>();
        int heldBytes = 0;
        for (var next = contents.next(); next.isPresent(); next = contents.next()) {
          pieces.add(next.get());
          heldBytes += count(next.get());
          if (heldBytes >= STEP_BYTES) {
            List<ContentReader.Piece> some = List.copyOf(pieces);
            lane.add(heldBytes, () -> write.add(some));
            pieces.clear();
            heldBytes = 0;
          }
          progress.checkCancelled();
        }
        lane.add(
            heldBytes,
            () -> {
              write.add(pieces);
              write.complete();
            });
      }
      return lane.done();
    }

    /** Counts a piece; answers how many bytes of memory it holds. */
    private int count(ContentReader.Piece piece) {
      return switch (piece) {
        case ContentReader.Piece.Data data -> {
          int size = data.bytes().remaining();
          fetched += data.atHand() ? 0 : size;
          kept += data.atHand() ? size : 0;
          bytes += size;
          yield data.bytes().capacity();
        }
        case ContentReader.Piece.Hole hole -> {
          bytes += hole.lengthBytes();
          yield 0;
        }
      };
    }
  }
}
