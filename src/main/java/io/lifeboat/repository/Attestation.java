package io.lifeboat.repository;

import io.lifeboat.crypto.SignedText;
import io.lifeboat.crypto.SigningKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The object {@code a/<id>}: what one verification read, a signed text of this record as JSON with
 * purpose {@code attestation}.
 *
 * @param place which store was read, see {@link #place}: that of a copy says nothing about the
 *     original
 * @param level {@code L1} or {@code L2}
 * @param objects how many objects were read
 * @param bytes how many bytes were read
 * @param packs Base64 of the first {@value #PREFIX_BYTES} bytes of each pack's id that was read and
 *     found right, ascending
 * @param problems how many were found
 * @param tip the log as it was read
 */
record Attestation(
    String id,
    String repository,
    String place,
    Instant at,
    String level,
    long objects,
    long bytes,
    String packs,
    long problems,
    Tip tip) {
  static final String PURPOSE = "attestation";
  static final int PREFIX_BYTES = 8;

  /** More would not fit a signed text; whatever is left out counts as not read. */
  private static final int MOST_PACKS = 1_000_000;

  /**
   * The newest entry of a log.
   *
   * @param sha256 of the whole object
   */
  record Tip(long n, String sha256) {}

  /** Names a store without telling where it is. */
  static String place(String description) {
    return Hashes.sha256Hex(description.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .substring(0, 16);
  }

  static String packs(Collection<PackId> ids) {
    long[] prefixes = ids.stream().mapToLong(Attestation::prefix).toArray();
    var sorted =
        java.util.Arrays.stream(prefixes)
            .boxed()
            .sorted(Long::compareUnsigned)
            .limit(MOST_PACKS)
            .toList();
    ByteBuffer bytes = ByteBuffer.allocate(sorted.size() * PREFIX_BYTES);
    sorted.forEach(bytes::putLong);
    return SealedText.encode(bytes.array());
  }

  static long prefix(PackId id) {
    return ByteBuffer.wrap(id.bytes()).getLong();
  }

  /** The beginnings of the ids of the packs that were right. */
  Set<Long> prefixes(String where) {
    ByteBuffer bytes = ByteBuffer.wrap(SealedText.decode(packs, where));
    Set<Long> prefixes = new HashSet<>();
    while (bytes.remaining() >= PREFIX_BYTES) {
      prefixes.add(bytes.getLong());
    }
    return prefixes;
  }

  byte[] sign(SigningKey key) {
    return SignedText.sign(PURPOSE, Json.write(this), key);
  }
}
