package io.lifeboat.retention;

import io.lifeboat.repository.LoggedSnapshot;

/**
 * What becomes of one snapshot.
 *
 * @param because a sentence for whoever wonders
 */
public record Decision(LoggedSnapshot snapshot, boolean keep, String because) {
  /** The snapshot's id. */
  public String id() {
    return snapshot.info().id();
  }

  static Decision keep(LoggedSnapshot snapshot, String because) {
    return new Decision(snapshot, true, because);
  }

  static Decision forget(LoggedSnapshot snapshot, String because) {
    return new Decision(snapshot, false, because);
  }
}
