package io.lifeboat.restore;

import io.lifeboat.repository.Attributes;

/** A target that is a folder of the file system. */
public interface TreeTarget extends RestoreTarget {
  /** Gives the target itself owner, mode and time; without this it keeps its own. */
  void rootAttributes(Attributes attributes);
}
