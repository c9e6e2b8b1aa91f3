package io.lifeboat.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.net.URI;
import java.nio.file.Path;
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
   */
  record S3(
      Optional<URI> endpoint,
      Optional<String> region,
      String bucket,
      Optional<String> prefix,
      boolean pathStyle,
      Optional<Secret> accessKey,
      Optional<Secret> secretKey)
      implements StoreConfig {}

  /** A folder of a local or mounted file system. */
  record Folder(Path path) implements StoreConfig {}
}
