package io.lifeboat.drill;

import io.lifeboat.error.LifeboatException;
import io.lifeboat.progress.Progress;
import io.lifeboat.repository.SnapshotInfo;
import io.lifeboat.repository.SnapshotReader;
import io.lifeboat.restore.RestoreEngine;
import io.lifeboat.restore.RestoreSelection;
import io.lifeboat.restore.RestoreTarget;

/** The restore of a drill: the very one that a real restore runs, to another target. */
final class RestoreStep {
  private RestoreStep() {}

  /** Restores everything and says what that proves; false if it could not be brought to its end. */
  static boolean run(
      SnapshotReader snapshot, RestoreTarget target, CheckLog checks, Progress progress) {
    SnapshotInfo info = snapshot.root().info();
    progress.expect(info.sizeBytes());
    RestoreEngine.Restored restored;
    try (target) {
      restored =
          new RestoreEngine().restore(snapshot, RestoreSelection.everything(), target, progress);
    } catch (LifeboatException e) {
      checks.broken(reading(e), e);
      return false;
    }
    checks.pass(BuiltInCheck.OBJECTS, "every object that the snapshot needs is what it should be");
    checks.pass(BuiltInCheck.KEYS, "all of it was decrypted, to each file's end");
    String found = restored.files() + " files, " + restored.bytes() + " bytes";
    if (restored.files() != info.files() || restored.bytes() != info.sizeBytes()) {
      checks.fail(
          BuiltInCheck.RESTORED,
          found + " restored; recorded were " + info.files() + " and " + info.sizeBytes());
      return false;
    }
    if (restored.files() == 0) {
      checks.skip(BuiltInCheck.RESTORED, "the snapshot has no file, so nothing was restored");
      return false;
    }
    checks.pass(BuiltInCheck.RESTORED, found + " restored, as recorded");
    return true;
  }

  /** Which promise a failed restore breaks. */
  static BuiltInCheck reading(LifeboatException e) {
    return switch (e.code()) {
      case KEY_MISMATCH, RECOVERY_IDENTITY_MISSING, KEY_FILE_INVALID -> BuiltInCheck.KEYS;
      case LOAD_INCOMPLETE -> BuiltInCheck.ROWS;
      case SCRATCH_UNAVAILABLE, TARGET_UNSUITABLE, DISK_FULL, IO_FAILED -> BuiltInCheck.RESTORED;
      default -> BuiltInCheck.OBJECTS;
    };
  }
}
