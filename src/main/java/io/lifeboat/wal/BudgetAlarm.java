package io.lifeboat.wal;

/** Tells once that half of a spool's budget is used, and again after it was emptied. */
final class BudgetAlarm {
  private final long budgetBytes;
  private final ReceiverState state;
  private boolean alarmed;

  BudgetAlarm(long budgetBytes, ReceiverState state) {
    this.budgetBytes = budgetBytes;
    this.state = state;
  }

  /**
   * Looks at it.
   *
   * @param unshippedBytes what waits in the spool
   */
  void look(long unshippedBytes) {
    long half = budgetBytes / 2;
    if (unshippedBytes >= half && !alarmed) {
      alarmed = true;
      state.notice(
          "The spool holds "
              + (unshippedBytes >> 20)
              + " MiB of WAL that is not stored, half of its"
              + " budget: the store is too slow, or away.");
    } else if (unshippedBytes < half / 2) {
      alarmed = false;
    }
  }
}
