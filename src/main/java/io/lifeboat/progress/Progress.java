package io.lifeboat.progress;

/**
 * Listens to one run of an engine. Implementations are thread-safe and quick: engines call them
 * from many threads and once for each block they handle.
 */
public interface Progress {
  /** Enters a phase ("read", "restore", "boot", …); the phase before it ends now. */
  void phase(String name);

  /** Says how much there is to do in this phase, once known. */
  void expect(long bytes);

  /** Says that so many more bytes and items (files, objects, checks) are done. */
  void advance(long bytes, long items);

  /** Records something worth keeping in the operation's history, as one sentence. */
  void event(String sentence);

  /**
   * Stops the run when somebody asked for that. Engines call it between blocks.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code CANCELLED}
   */
  void checkCancelled();

  /** Nobody listens and nobody cancels. */
  static Progress none() {
    return NoProgress.INSTANCE;
  }
}
