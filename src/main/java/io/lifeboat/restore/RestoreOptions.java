package io.lifeboat.restore;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * How a restore deals with its target.
 *
 * @param delta whether it may exist: only what differs is written
 * @param delete whether what the snapshot does not have is deleted; with {@code delta} only
 * @param dryRun whether it is only counted
 */
public record RestoreOptions(boolean delta, boolean delete, boolean dryRun, Ownership ownership) {
  /** Refuses what makes no sense. */
  public RestoreOptions {
    if (delete && !delta) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "--delete needs --delta",
          "A restore into an empty folder has nothing to delete.");
    }
  }

  /** Into a folder that is empty or absent. */
  public static RestoreOptions intoEmpty() {
    return new RestoreOptions(false, false, false, Ownership.asRecorded());
  }

  /**
   * Checks that a restore may go there.
   *
   * @throws PermanentException with code {@code TARGET_NOT_EMPTY}
   */
  public void check(Path target) {
    if (delta) {
      FolderTarget.requireFolder(target);
    } else {
      FolderTarget.requireEmpty(target);
    }
  }

  /** A folder that entries are restored to. */
  public TreeTarget folder(Path target, RandomGenerator random) {
    return folders(random).apply(target);
  }

  /**
   * A cluster's data directory and tablespaces.
   *
   * @throws PermanentException {@code USAGE_INVALID} if files of another time would stay among
   *     those of the snapshot, {@code TARGET_NOT_EMPTY} if a server runs or ran there
   */
  public ClusterTarget cluster(Path target, RandomGenerator random) {
    if (delta && !delete) {
      throw new PermanentException(
          ErrorCode.USAGE_INVALID,
          "A cluster cannot be restored with --delta alone",
          "Add --delete: files of another time among those of the snapshot would damage it.");
    }
    if (delta && Files.exists(target.resolve("postmaster.pid"), LinkOption.NOFOLLOW_LINKS)) {
      throw new PermanentException(
          ErrorCode.TARGET_NOT_EMPTY,
          target + " holds a postmaster.pid: a server runs or ran in it",
          "Stop the server; if none runs, remove that file.");
    }
    return new ClusterTarget(target, folders(random), dryRun);
  }

  private Function<Path, TreeTarget> folders(RandomGenerator random) {
    if (dryRun) {
      return target -> new DryRunTarget(target, ownership, delta, delete);
    }
    return delta
        ? target -> new DeltaTarget(target, ownership, delete, random)
        : target -> new FolderTarget(target, ownership);
  }
}
