package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.ContentReader;
import io.lifeboat.repository.ContentSequence;
import io.lifeboat.repository.Node;
import io.lifeboat.repository.SnapshotReader;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Walks a snapshot and writes what it finds to a target: the one path that restores and drills
 * share. Every file's contents are held against the hash that was taken when they were read from
 * the source; what does not match ends the restore.
 */
public final class RestoreEngine {
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
    var run = new Run(target, progress);
    try (ContentSequence contents = snapshot.readAround(walk.files())) {
      boolean more = true;
      while (more) {
        progress.checkCancelled();
        more = run.apply(walk.take(), contents);
      }
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
    private final Progress progress;
    private final Map<Long, RestorePath> firstNames = new HashMap<>();
    private long bytes;
    private long files;
    private long unchanged;
    private long fetched;
    private long kept;

    Run(RestoreTarget target, Progress progress) {
      this.target = target;
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
          RestorePath first = firstNames.get(file.linkGroup());
          if (first == null) {
            throw damaged(step.path(), "its first name is not in the snapshot");
          }
          unchanged += target.hardLink(step.path(), first) ? 0 : 1;
        }
        case HELD -> {
          keep(step.path(), file);
          firstNames.put(file.linkGroup(), step.path());
        }
        case READ -> {
          contents(step.path(), file, contents.next());
          firstNames.put(file.linkGroup(), step.path());
        }
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

    private void contents(RestorePath path, Node.RegularFile file, ContentReader contents) {
      MessageDigest digest = sha256();
      long written = 0;
      try (RestoreTarget.FileWriter writer = target.file(path, file)) {
        for (var piece = contents.next(); piece.isPresent(); piece = contents.next()) {
          long length =
              switch (piece.get()) {
                case ContentReader.Piece.Data data -> {
                  int size = data.bytes().remaining();
                  digest.update(data.bytes().duplicate());
                  writer.write(data.bytes());
                  fetched += data.atHand() ? 0 : size;
                  kept += data.atHand() ? size : 0;
                  yield size;
                }
                case ContentReader.Piece.Hole hole -> {
                  zeros(digest, hole.lengthBytes());
                  writer.hole(hole.lengthBytes());
                  yield hole.lengthBytes();
                }
              };
          written += length;
          progress.advance(length, 0);
          progress.checkCancelled();
        }
        if (written != file.content().sizeBytes()
            || !Arrays.equals(digest.digest(), file.sha256())) {
          throw damaged(path, "its contents do not have the hash that was recorded with them");
        }
        writer.complete();
      }
      bytes += written;
      progress.advance(0, 1);
    }

    private static void zeros(MessageDigest digest, long length) {
      byte[] zeros = new byte[1 << 16];
      for (long rest = length; rest > 0; rest -= zeros.length) {
        digest.update(zeros, 0, (int) Math.min(rest, zeros.length));
      }
    }

    private static PermanentException damaged(RestorePath path, String why) {
      return new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          "'" + path + "' is damaged: " + why,
          "Run `lifeboat verify --level L2`, and restore another snapshot.");
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java platform has SHA-256", e);
      }
    }
  }
}
