package io.lifeboat.wal;

/** What does not move. */
public enum StallReason {
  /** The server cannot be reached, or ended the session. It is tried again. */
  SERVER_AWAY("server away"),
  /** The server answers, and what it says must be mended by somebody. It is tried again. */
  SERVER_REFUSES("the server refuses"),
  /** The store does not take pieces. They wait in the spool. */
  BUCKET_AWAY("bucket away"),
  /** As much as allowed waits in the spool; the server keeps the rest. */
  SPOOL_OVER_BUDGET("spool over its budget"),
  /** The spool cannot be written. */
  SPOOL_FAILED("spool cannot be written"),
  /** The server does not hand over what it should, or fails to. It tries again. */
  NOT_PUSHED("the server does not push"),
  /** What the server hands over is not taken, until somebody mends it. */
  PUSH_REFUSED("a pushed file is refused");

  private final String words;

  StallReason(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
