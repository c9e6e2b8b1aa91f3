package io.lifeboat.backup;

import io.lifeboat.postgres.BaseBackupPath;
import io.lifeboat.repository.CachedContent;
import io.lifeboat.repository.StoredContent;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A backup of a cluster that an incremental one may be taken against, as this host remembers it.
 *
 * @param manifest as the server sent it
 * @param files the contents of its relations' files, as {@link CachedContent} encodes them
 */
record KeptParent(About about, byte[] manifest, Map<BaseBackupPath, ByteBuffer> files) {

  /**
   * What decides whether it can be one.
   *
   * @param systemIdentifier of the cluster
   * @param haveChecksums whether its pages had checksums
   * @param incrementals how many incremental backups there were since the last full one, with it; 0
   *     if it is full
   * @param bytesSinceFull what these have read together
   * @param sizeBytes of the whole cluster
   * @param extents of which its relations' files consist, about
   */
  record About(
      String snapshot,
      String systemIdentifier,
      boolean haveChecksums,
      int incrementals,
      long bytesSinceFull,
      long sizeBytes,
      long extents) {}

  /** The contents that a file had in it. */
  Optional<StoredContent> find(BaseBackupPath path) {
    return Optional.ofNullable(files.get(path)).map(KeptParent::decode);
  }

  /** The contents of all files. */
  Stream<StoredContent> contents() {
    return files.values().stream().map(KeptParent::decode);
  }

  private static StoredContent decode(ByteBuffer encoded) {
    byte[] bytes = new byte[encoded.remaining()];
    encoded.duplicate().get(bytes);
    return CachedContent.decode(bytes);
  }
}
