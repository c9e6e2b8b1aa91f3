package io.lifeboat.operation;

/** What sort of work an operation is. */
public enum OperationType {
  /** A plan's source is read into a snapshot. */
  BACKUP,
  /** A snapshot is written to a folder. */
  RESTORE,
  /** A snapshot is restored to scratch and checked. */
  DRILL
}
