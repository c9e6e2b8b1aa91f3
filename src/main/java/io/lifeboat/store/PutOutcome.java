package io.lifeboat.store;

/** What a conditional put did. */
public enum PutOutcome {
  /** This call created the object. */
  CREATED,
  /** An object of that name was there before; it was not touched. */
  EXISTS
}
