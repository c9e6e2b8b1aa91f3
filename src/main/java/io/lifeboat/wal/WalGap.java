package io.lifeboat.wal;

import io.lifeboat.postgres.Lsn;

/**
 * WAL that is missing for good.
 *
 * @param from the first position that is missing, on this timeline
 * @param to where it goes on, perhaps on a later timeline
 */
public record WalGap(int timeline, Lsn from, Lsn to) {
  @Override
  public String toString() {
    return from + " (timeline " + timeline + ") to " + to;
  }
}
