package io.lifeboat.drill.scratch;

/** A throw-away place that a restore is proven in. */
public sealed interface Scratch extends AutoCloseable permits FolderScratch, PostgresScratch {
  /** What it is made of. */
  ScratchFacts facts();

  /**
   * Removes everything and proves it gone; doing so twice does nothing.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code SCRATCH_NOT_REMOVED}; then it
   *     stays in the ledger, and the {@link Janitor} goes on trying
   */
  @Override
  void close();
}
