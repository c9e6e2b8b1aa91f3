package io.lifeboat.store;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * A flat set of immutable, named objects under one prefix of a bucket or one folder.
 *
 * <p>What every store guarantees, and {@code ObjectStoreContract} tests:
 *
 * <ul>
 *   <li>{@link #putIfAbsent} is atomic: of any number of parallel puts of one name exactly one
 *       answers {@link PutOutcome#CREATED}; an object is visible whole or not at all, and durable
 *       once the call returned.
 *   <li>An object is readable, and listed, as soon as its put returned.
 *   <li>Names follow {@link ObjectName}: segments of {@code [a-zA-Z0-9._-]}, of 1 to 255
 *       characters, never starting with a dot, separated by single slashes; 512 characters at most.
 *       Anything else is refused with {@link IllegalArgumentException}. No name may be another
 *       one's folder ({@code a} beside {@code a/b}).
 *   <li>Things that are not ours (names that break the rule) are never listed, read or removed.
 * </ul>
 *
 * <p>Thread-safe. Every method throws {@link io.lifeboat.error.LifeboatException} with codes {@code
 * STORE_UNREACHABLE} (transient), {@code STORE_DENIED}, {@code BUCKET_MISSING}, {@code DISK_FULL}
 * or {@code IO_FAILED}, naming the object; adapters retry what is safe to retry before they give
 * up.
 */
public interface ObjectStore extends AutoCloseable {
  /**
   * Creates the object unless one of that name exists. After an unclear answer (time-out) the
   * adapter looks at what is there: the same bytes count as {@link PutOutcome#CREATED} only if this
   * call may have written them.
   */
  PutOutcome putIfAbsent(String name, Body body);

  /**
   * Reads a whole object.
   *
   * @param mostBytes how many bytes the reader is ready to take; an object that has more is refused
   *     before they are read
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_MISSING} if there is none,
   *     {@code OBJECT_DAMAGED} if it is longer
   */
  byte[] get(String name, long mostBytes);

  /**
   * Reads {@code lengthBytes} bytes from {@code offsetBytes} on. A range that ends beyond the
   * object is answered short, one that starts there is answered empty, and none is answered with
   * more.
   *
   * @throws io.lifeboat.error.PermanentException with code {@code OBJECT_MISSING} if there is none
   */
  byte[] getRange(String name, long offsetBytes, int lengthBytes);

  /** Size and time of an object, or empty if there is none. */
  Optional<ObjectInfo> head(String name);

  /**
   * All objects whose names start with the prefix, in ascending byte order of whole names. Lazy;
   * close the stream. Objects that come or go meanwhile may or may not be seen; all others are seen
   * once.
   */
  Stream<ObjectInfo> list(String prefix);

  /** Removes an object; no error if there is none. */
  void delete(String name);

  /** Where this store is, for people: never with credentials. */
  String describe();

  @Override
  void close();
}
