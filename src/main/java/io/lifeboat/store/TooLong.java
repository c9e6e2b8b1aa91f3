package io.lifeboat.store;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;

/** What every store answers to a read that would bring more bytes than the reader can use. */
public final class TooLong {
  private TooLong() {}

  /**
   * Makes sure that an object is not longer than its reader allows.
   *
   * @throws PermanentException with code {@code OBJECT_DAMAGED}
   */
  public static void refuse(String name, long bytes, long mostBytes) {
    if (bytes > mostBytes) {
      throw new PermanentException(
          ErrorCode.OBJECT_DAMAGED,
          name + ": it has " + bytes + " bytes where at most " + mostBytes + " can be right",
          "It was not read. Run `lifeboat verify` to see what else is hit, and put the object back"
              + " from a second copy of the repository.");
    }
  }
}
