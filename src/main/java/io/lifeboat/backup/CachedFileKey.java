package io.lifeboat.backup;

import io.lifeboat.files.FileEntry;
import io.lifeboat.files.RawName;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;

/**
 * Which file, and how it looked:
 *
 * <pre>
 * key := first 16 bytes of SHA-256(path) || size 8 || modified seconds 8, nanoseconds 4
 *        || changed seconds 8, nanoseconds 4 || device 8 || inode 8
 * </pre>
 */
record CachedFileKey(ByteBuffer bytes) {
  static final int PATH_BYTES = 16;
  static final int BYTES = PATH_BYTES + 8 + 12 + 12 + 16;

  static CachedFileKey of(FileEntry.RegularFile file) {
    var bytes = ByteBuffer.allocate(BYTES);
    bytes.put(sha256().digest(RawName.bytes(file.path())), 0, PATH_BYTES);
    bytes.putLong(file.sizeBytes());
    time(bytes, file.attributes().modifiedAt());
    time(bytes, file.changedAt());
    bytes.putLong(file.identity().device()).putLong(file.identity().inode());
    return new CachedFileKey(bytes.flip());
  }

  private static void time(ByteBuffer bytes, Instant time) {
    bytes.putLong(time.getEpochSecond()).putInt(time.getNano());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
