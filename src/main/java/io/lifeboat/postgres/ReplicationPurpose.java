package io.lifeboat.postgres;

import io.lifeboat.error.ErrorCode;

/** What a session of the replication protocol is for: decides the words of its failures. */
enum ReplicationPurpose {
  BASE_BACKUP(
      ErrorCode.BASE_BACKUP_FAILED,
      "The backup",
      "Nothing was kept of this backup.",
      "Check the server's log and the network, then run it again."),
  WAL(
      ErrorCode.WAL_STREAM_FAILED,
      "Streaming WAL",
      "The server keeps the WAL that was not acknowledged, as long as its slot lives.",
      "Check the server's log and the network; it is tried again.");

  private final ErrorCode code;
  private final String work;
  private final String consequence;
  private final String advice;

  ReplicationPurpose(ErrorCode code, String work, String consequence, String advice) {
    this.code = code;
    this.work = work;
    this.consequence = consequence;
    this.advice = advice;
  }

  ErrorCode code() {
    return code;
  }

  /** The work as the beginning of a sentence. */
  String work() {
    return work;
  }

  /** What the failure means for what was done so far, as a sentence. */
  String consequence() {
    return consequence;
  }

  /** What to do where nothing better is known, as a sentence. */
  String advice() {
    return advice;
  }
}
