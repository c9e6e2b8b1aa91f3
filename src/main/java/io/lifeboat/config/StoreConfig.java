package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where a repository's objects lie. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StoreConfig.S3.class, name = "s3"),
  @JsonSubTypes.Type(value = StoreConfig.Folder.class, name = "folder")
})
public sealed interface StoreConfig {
  /**
   * A prefix of a bucket. Without keys, the AWS default credential chain serves.
   *
   * @param endpoint the server, for anything but AWS itself
   * @param prefix without slashes at its ends; empty for the whole bucket
   * @param objectLock how long what is written is locked; empty to set no locks
   */
  record S3(
      Optional<URI> endpoint,
      Optional<String> region,
      String bucket,
      Optional<String> prefix,
      boolean pathStyle,
      Optional<Secret> accessKey,
      Optional<Secret> secretKey,
      Optional<ObjectLock> objectLock)
      implements StoreConfig {}

  /**
   * A lock that the store puts on each object when it is written: until it ends, nobody can remove
   * the object.
   *
   * @param retain how long, counted from the writing
   */
  record ObjectLock(Mode mode, Duration retain) {
    /** Whom a lock binds. */
    public enum Mode {
      /** Everybody, the owner of the account too. */
      COMPLIANCE,
      /** All but those who were given the right to bypass it. */
      GOVERNANCE
    }
  }

  /** A folder of a local or mounted file system. */
  record Folder(Path path) implements StoreConfig {}
}
