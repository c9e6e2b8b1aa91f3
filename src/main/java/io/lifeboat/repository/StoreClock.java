package io.lifeboat.repository;

import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.Body;
import io.lifeboat.store.ObjectInfo;
import io.lifeboat.store.ObjectStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What time it is for the store: ages of objects are told by one clock, and it is not that of a
 * host that may want them gone.
 */
final class StoreClock {
  private StoreClock() {}

  /** Puts an object that is removed again, and looks when the store says that was. */
  static Instant now(ObjectStore store, SecureRandom random) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    String name = Names.PROBE + HexFormat.of().formatHex(id);
    store.putIfAbsent(name, new Body.Bytes(id));
    try {
      return store
          .head(name)
          .map(ObjectInfo::storedAt)
          .orElseThrow(() ->
              new PermanentException(
                  ErrorCode.STORE_UNSAFE,
                  "The store does not show what was just put: " + name,
                  "Run `lifeboat probe`. Nothing was removed."));
    } finally {
      store.delete(name);
    }
  }
}
