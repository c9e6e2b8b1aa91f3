package io.lifeboat.store;

import java.time.Instant;
import java.util.Optional;

/**
 * The locks that a store keeps on its objects: until a lock ends, the object cannot be removed. For
 * the identity that maintains a repository; whoever writes backups needs none of this. Beside
 * {@link ObjectStore} and not part of it, because few stores can do it.
 *
 * <p>Thread-safe. Fails as {@link ObjectStore} does.
 */
public interface ObjectRetention {
  /**
   * Until when an object is locked, or empty if it has no lock. A time that has passed is answered
   * too: it tells when the object became removable.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_MISSING} if there is none
   */
  Optional<Instant> retainedUntil(String name);

  /**
   * Locks an object until then. Locks only grow: the store refuses a time before the present one
   * ({@code STORE_DENIED}). Doing it twice is harmless.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_MISSING} if there is none
   */
  void extend(String name, Instant until);
}
