package io.lifeboat.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names chunks by their contents: HMAC-SHA-256 under a domain's key. Equal chunks of one domain
 * have equal ids, which is what deduplication needs; without the key nobody can tell which contents
 * an id stands for. Safe for use by many threads.
 */
public final class ChunkIds {
  /** The size of an id. */
  public static final int ID_BYTES = 32;

  private final Mac prototype;

  /** Ids under {@link DomainKey#chunkIdKey()}. */
  public ChunkIds(byte[] chunkIdKey) {
    if (chunkIdKey.length != DomainKey.KEY_BYTES) {
      throw new IllegalArgumentException(
          "a chunk id key has " + DomainKey.KEY_BYTES + " bytes, not " + chunkIdKey.length);
    }
    try {
      this.prototype = Mac.getInstance("HmacSHA256");
      this.prototype.init(new SecretKeySpec(chunkIdKey, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must provide HmacSHA256", e);
    }
  }

  /**
   * The id of {@code length} bytes of {@code plain} from {@code offset}: {@value #ID_BYTES} bytes.
   */
  public byte[] id(byte[] plain, int offset, int length) {
    Mac mac = copyOfPrototype();
    mac.update(plain, offset, length);
    return mac.doFinal();
  }

  private Mac copyOfPrototype() {
    try {
      // Nothing ever updates the prototype, so copies can be taken by many threads at once.
      return (Mac) prototype.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("HmacSHA256 of this Java platform cannot be copied", e);
    }
  }

  @Override
  public String toString() {
    return "ChunkIds[secret]";
  }
}
