package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.store.ObjectInfo;

/**
 * How many bytes objects have at most, by their kind: what is read whole is in memory, and a store
 * may answer with anything. The numbers are those of the format's page.
 */
final class ObjectLimits {
  /** {@code format}, entries of the log, attestations. */
  static final long SIGNED_BYTES = SignedText.MAX_PAYLOAD_BYTES + 1024L;

  /** A pack, an index segment. */
  static final long PACK_BYTES = 256L << 20;

  /** What a piece of WAL holds. */
  static final int WAL_BYTES = 16 << 20;

  /** Everything else. */
  static final long OTHER_BYTES = 32L << 20;

  private ObjectLimits() {}

  /** Of an object of this name. */
  static long of(String name) {
    if (name.startsWith(Names.PACKS) || name.startsWith(Names.INDEX)) {
      return PACK_BYTES;
    }
    boolean signed =
        name.equals(Names.FORMAT)
            || name.startsWith(Names.LOG)
            || name.startsWith(Names.ATTESTATIONS);
    return signed ? SIGNED_BYTES : OTHER_BYTES;
  }

  /** Of an object that was listed with a size. */
  static long of(ObjectInfo object) {
    return Math.min(object.sizeBytes(), of(object.name()));
  }

  /** Of a pack whose size is known. */
  static long of(PackRef pack) {
    return Math.min(pack.sizeBytes(), PACK_BYTES);
  }
}
