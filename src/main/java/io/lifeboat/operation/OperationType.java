package io.lifeboat.operation;

/** What sort of work an operation is. */
public enum OperationType {
  /** A plan's source is read into a snapshot. */
  BACKUP,
  /** A snapshot is written to a folder. */
  RESTORE,
  /** A snapshot is restored to scratch and checked. */
  DRILL,
  /** Copies of a snapshot that are damaged on purpose are drilled, and must fail. */
  CONTROLS,
  /** A repository forgets what no rule keeps, and frees what nobody needs. */
  PRUNE,
  /** A repository's objects are read and held against their names, hashes and signatures. */
  VERIFY
}
