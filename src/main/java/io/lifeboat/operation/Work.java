package io.lifeboat.operation;

import io.lifeboat.progress.Progress;

/** What an operation does when its turn comes. */
@FunctionalInterface
public interface Work {
  /**
   * Works until done.
   *
   * @param operation the operation's id
   * @param progress hears how it goes, and says when to stop
   * @throws io.lifeboat.error.LifeboatException if it cannot be done
   */
  Operation.Outcome run(String operation, Progress progress);
}
