package io.lifeboat.app;

import io.lifeboat.operation.Engines;
import java.util.List;
import java.util.Map;

/**
 * Everything that Lifeboat can do with one configuration, or with one store and a recovery kit,
 * ready to be called. Closing releases stores, caches and connections.
 */
public interface Capabilities extends AutoCloseable {
  /** Backups, restores, drills. */
  Engines engines();

  /**
   * What a service does at its start, before it accepts work: sweeps scratch that a killed one
   * left.
   */
  List<Runnable> startCleanups();

  /**
   * Tries each repository, by name, and whether the keys are here that its scheduled work needs;
   * throws {@link io.lifeboat.error.LifeboatException} if it does not answer, or they are not.
   */
  Map<String, Runnable> repositoryProbes();

  /** How many scratch environments of ours there are now. */
  int scratchCount();

  /** The write-ahead logs that are streamed; none before they are started. */
  WalStreams wal();

  @Override
  void close();
}
