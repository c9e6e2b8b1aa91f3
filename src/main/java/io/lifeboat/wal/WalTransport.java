package io.lifeboat.wal;

import java.time.Duration;

/** What brings a server's write-ahead log into a repository. Thread-safe. */
public sealed interface WalTransport extends AutoCloseable permits WalReceiver, WalPusher {
  /** How it fares now. */
  WalStatus status();

  /**
   * Waits until the server keeps WAL for us: a backup that begins then is followed without a gap.
   *
   * @return whether it does
   */
  boolean awaitReady(Duration patience);

  /** A full backup was taken that began after the newest gap was told: it is done with. */
  void backupTaken();

  /** Stops; what is not stored stays in the spool for the next one. */
  @Override
  void close();
}
