package io.lifeboat.repository.chunking;

/**
 * Finds chunk boundaries in one stream, which it is shown in order. Holds the state of one stream:
 * not thread-safe.
 *
 * <p>The caller keeps the bytes of the open chunk in one array, from index 0 on, and asks after
 * each addition. An answer depends on the bytes alone, never on how they were cut into calls.
 */
public interface Cutter {
  /** No chunk is longer. */
  int maximumBytes();

  /**
   * Looks at the open chunk after bytes were added.
   *
   * @param open the open chunk's bytes, from 0
   * @param seenBytes how many of them an earlier call has looked at already
   * @param filledBytes how many there are now; at most {@link #maximumBytes()}
   * @return where the chunk ends ({@code 1..filledBytes}), or {@link #NO_CUT} if it goes on; after
   *     a cut the next call is for the next chunk, with {@code seenBytes} 0
   */
  int cut(byte[] open, int seenBytes, int filledBytes);

  /** The open chunk goes on. */
  int NO_CUT = -1;
}
