package io.lifeboat.store;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.LifeboatException;
import io.lifeboat.error.PermanentException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a store keeps its promises before data is entrusted to it. The commit log is
 * ordered by nothing but conditional puts: on a store that overwrites, two writers would silently
 * lose each other's snapshots.
 */
public final class StoreProbe {
  /** What the names of probes' objects begin with; nothing leads to them, and nobody needs them. */
  public static final String PREFIX = "probe/";

  /** Of what a probe puts, or puts again: the log's first entry. */
  private static final long MOST_BYTES = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(StoreProbe.class);
  private static final String HINT =
      "Use a bucket that honours If-None-Match (AWS S3, MinIO, Ceph without versioning, S3Proxy) or"
          + " a folder. On Ceph, switch the bucket's versioning and object lock off.";

  private final SecureRandom random;

  /** A probe that names its objects by this source of randomness. */
  public StoreProbe(SecureRandom random) {
    this.random = random;
  }

  /**
   * Writes an object {@code probe/<random>} twice and requires that the second put is refused and
   * the first one's bytes survive. Removes the object again; a writer that may not delete leaves
   * some 40 bytes.
   *
   * @throws PermanentException with code {@code STORE_UNSAFE} if the store ignores conditions
   */
  public void requireConditionalPut(ObjectStore store) {
    String id = randomId();
    String name = PREFIX + id;
    byte[] first = ("first " + id).getBytes(StandardCharsets.US_ASCII);
    byte[] second = ("second " + id).getBytes(StandardCharsets.US_ASCII);
    try {
      PutOutcome created = store.putIfAbsent(name, new Body.Bytes(first));
      PutOutcome repeated = store.putIfAbsent(name, new Body.Bytes(second));
      byte[] survived = store.get(name, MOST_BYTES);
      if (created != PutOutcome.CREATED) {
        throw unsafe(
            store,
            "answered " + created + " to the first conditional put of the fresh name " + name);
      }
      if (repeated != PutOutcome.EXISTS) {
        throw unsafe(store, "answered " + repeated + " to a second conditional put of " + name);
      }
      if (!Arrays.equals(survived, first)) {
        throw unsafe(store, "did not keep the bytes of the first conditional put of " + name);
      }
    } finally {
      remove(store, name);
    }
  }

  /**
   * The same question to a store in use, at the price of two requests and without leaving anything:
   * puts an object that is there once more, with its own bytes. A store that honours the condition
   * refuses; one that does not writes what was there before.
   *
   * @param name of an object that is there and never changes
   * @throws PermanentException with code {@code STORE_UNSAFE} if the store ignores conditions
   */
  public void requireConditionalPut(ObjectStore store, String name) {
    var same = new Body.Bytes(store.get(name, MOST_BYTES));
    PutOutcome outcome = store.putIfAbsent(name, same);
    if (outcome != PutOutcome.EXISTS) {
      // An adapter that lost an answer takes the same bytes for its own: ask once more.
      outcome = store.putIfAbsent(name, same);
    }
    if (outcome != PutOutcome.EXISTS) {
      throw unsafe(
          store, "answered " + outcome + " to a conditional put of " + name + ", which is there");
    }
  }

  private String randomId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static PermanentException unsafe(ObjectStore store, String fact) {
    return new PermanentException(
        ErrorCode.STORE_UNSAFE,
        "The store ignores conditional writes, so two writers could destroy each other's backups: "
            + store.describe()
            + " "
            + fact,
        HINT);
  }

  private static void remove(ObjectStore store, String name) {
    try {
      store.delete(name);
    } catch (LifeboatException e) {
      // Writers need no right to delete, and what the probe found stands without it.
      LOG.info(
          "probe object stays: store={} object={} because={}",
          store.describe(),
          name,
          e.getMessage());
    }
  }
}
