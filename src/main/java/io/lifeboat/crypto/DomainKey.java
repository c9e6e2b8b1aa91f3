package io.lifeboat.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The key of one deduplication domain (one source): whoever holds it can tell whether known data
 * was backed up in the domain, and can read its index; it opens no contents. Every use has a key of
 * its own, derived with HKDF-SHA-256 under the label {@code "lifeboat domain v1 " + use}. Immutable
 * and safe for use by many threads.
 */
public final class DomainKey {
  /** The size of a domain key and of the keys derived from it. */
  public static final int KEY_BYTES = 32;

  private static final int ID_BYTES = 16;

  private final byte[] key;

  /** A domain key of {@value #KEY_BYTES} uniformly random bytes; copied. */
  public DomainKey(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "a domain key has " + KEY_BYTES + " bytes, not " + key.length);
    }
    this.key = key.clone();
  }

  /** The key itself: secret, to be sealed to the recovery recipients only. */
  public byte[] secretBytes() {
    return key.clone();
  }

  /** For {@link ChunkIds}. */
  public byte[] chunkIdKey() {
    return derive("chunk-id", KEY_BYTES);
  }

  /** From which a content-defined chunker takes its tables. */
  public byte[] chunkerSecret() {
    return derive("chunker", KEY_BYTES);
  }

  /** Seals the segments of the deduplication index in the store. */
  public byte[] indexKey() {
    return derive("index", KEY_BYTES);
  }

  /** Seals the summaries that a backup node reads back about its own snapshots. */
  public byte[] summaryKey() {
    return derive("summary", KEY_BYTES);
  }

  /** Seals the local caches of a backup node. */
  public byte[] cacheKey() {
    return derive("cache", KEY_BYTES);
  }

  /**
   * Names the domain in the store: {@value #ID_BYTES} bytes, public; says nothing about the key.
   */
  public byte[] domainId() {
    return derive("id", ID_BYTES);
  }

  private byte[] derive(String use, int sizeBytes) {
    byte[] info = ("lifeboat domain v1 " + use).getBytes(StandardCharsets.US_ASCII);
    return Hkdf.SHA256.expand(key, info, sizeBytes);
  }

  /** Two keys are equal if they name the same domain. */
  @Override
  public boolean equals(Object other) {
    return other instanceof DomainKey that && Arrays.equals(domainId(), that.domainId());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(domainId());
  }

  @Override
  public String toString() {
    return "DomainKey[secret, domain " + HexFormat.of().formatHex(domainId()) + "]";
  }
}
