package io.lifeboat.store.probe;

import io.lifeboat.store.ObjectStore;
import java.util.List;

/** Questions to a store. Each is asked by trying, with objects whose names {@link Traces} gives. */
public interface Examination {
  /**
   * Asks all of them.
   *
   * @throws io.lifeboat.error.LifeboatException if the store does not answer, or denies what every
   *     use of it needs
   */
  List<Capability> run(ObjectStore store, Traces traces);
}
