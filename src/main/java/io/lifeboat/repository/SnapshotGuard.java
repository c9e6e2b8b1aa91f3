package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.error.TransientException;
import java.util.Collection;
import java.util.stream.Stream;

/**
 * What has to hold for the log that a snapshot's entry is appended to: nothing that the snapshot
 * needs was swept, and there is no snapshot of its id. Asked anew at each try to append.
 */
record SnapshotGuard(LogRecord.Snapshot entry, Collection<References.Pack> needed)
    implements CommitLog.Guard {
  @Override
  public void check(CommitLog.View view) {
    if (view.all(LogRecord.Snapshot.class).anyMatch(s -> s.snapshot().equals(entry.snapshot()))) {
      throw new PermanentException(
          ErrorCode.INTERNAL,
          "A snapshot named " + entry.snapshot() + " is there already",
          "Start the backup again.");
    }
    PackFates fates = PackFates.of(view);
    Stream.concat(SnapshotPacks.refs(entry).stream(), needed.stream().map(References.Pack::ref))
        .filter(pack -> fates.isSwept(pack.id()))
        .findFirst()
        .ifPresent(pack -> {
          throw new TransientException(
              ErrorCode.PACKS_SWEPT,
              "A prune has removed packs that snapshot "
                  + entry.snapshot()
                  + " relies on, such as "
                  + pack.objectName(),
              "Nothing was published. Start the backup again: it stores anew what is gone.");
        });
  }
}
