package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;

/** A place in the log of a cluster that may have been promoted. */
public record WalPosition(int timeline, Lsn lsn) {
  @Override
  public String toString() {
    return lsn + " of timeline " + timeline;
  }
}
