package io.lifeboat.wal;

/**
 * How a receiver fares.
 *
 * <pre>
 * CONNECTING → CATCHING_UP ⇄ STREAMING        any of them ⇄ STALLED
 * any → SLOT_LOST → GAP → (a new full backup) → as before
 * </pre>
 */
public enum WalState {
  /** There is no stream yet, or none again. */
  CONNECTING,
  /** WAL flows, and the server has more than was received. */
  CATCHING_UP,
  /** What the server writes arrives at once. */
  STREAMING,
  /** Nothing is lost, but something does not move; {@link StallReason} says what. */
  STALLED,
  /** The server gave up the slot, and with it WAL that was not received. */
  SLOT_LOST,
  /** WAL is missing for good; it goes on behind the gap, and a new full backup is needed. */
  GAP
}
