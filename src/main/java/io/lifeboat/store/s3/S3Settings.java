package io.lifeboat.store.s3;

import io.lifeboat.config.Secret;
import io.lifeboat.config.StoreConfig;
import io.lifeboat.config.StoreConfig.ObjectLock;
import io.lifeboat.error.ErrorCode;
import io.lifeboat.error.PermanentException;
import io.lifeboat.store.ObjectName;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a bucket is and how to reach it.
 *
 * @param endpoint the server, {@code http} or {@code https}; empty for AWS itself
 * @param prefix comes before every name, without slashes at its ends; empty for the whole bucket
 * @param pathStyle bucket in the path instead of the host name: what most servers but AWS need
 * @param credentials empty for the AWS default chain (environment, profile, role of the machine)
 * @param objectLock put on every object that is written; empty for none
 */
public record S3Settings(
    Optional<URI> endpoint,
    String region,
    String bucket,
    String prefix,
    boolean pathStyle,
    Optional<Credentials> credentials,
    Optional<ObjectLock> objectLock) {
  private static final String DEFAULT_REGION = "us-east-1";
  // Wider than AWS's rule today: old buckets and other servers allow upper case and underscores.
  private static final Pattern BUCKET = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}");

  /** A pair of keys. */
  public record Credentials(Secret accessKey, Secret secretKey) {}

  /**
   * Checks what can be checked without the network.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID}
   */
  public S3Settings {
    endpoint.ifPresent(S3Settings::requireServer);
    if (!BUCKET.matcher(bucket).matches()) {
      throw invalid(
          "store.bucket is '" + bucket + "'",
          "Set it to the bucket's name alone, without s3:// and slashes.");
    }
    if (!prefix.isEmpty() && !ObjectName.isValid(prefix)) {
      throw invalid(
          "store.prefix is '" + prefix + "'",
          "Use letters, digits, '.', '_', '-' and single slashes between, none at the ends.");
    }
  }

  /** Settings that lock nothing. */
  public S3Settings(
      Optional<URI> endpoint,
      String region,
      String bucket,
      String prefix,
      boolean pathStyle,
      Optional<Credentials> credentials) {
    this(endpoint, region, bucket, prefix, pathStyle, credentials, Optional.empty());
  }

  /** The same place, with this lock. */
  public S3Settings locked(ObjectLock lock) {
    return new S3Settings(
        endpoint, region, bucket, prefix, pathStyle, credentials, Optional.of(lock));
  }

  /**
   * The settings that a configuration says.
   *
   * @throws PermanentException with code {@code CONFIG_INVALID}, also if one key is there without
   *     the other
   */
  public static S3Settings of(StoreConfig.S3 config) {
    if (config.accessKey().isPresent() != config.secretKey().isPresent()) {
      String missing = config.accessKey().isPresent() ? "secretKey" : "accessKey";
      throw invalid(
          "store." + missing + " is missing",
          "Set both keys, or neither to use the AWS default credential chain.");
    }
    return new S3Settings(
        config.endpoint(),
        config.region().orElse(DEFAULT_REGION),
        config.bucket(),
        config.prefix().orElse(""),
        config.pathStyle(),
        config
            .accessKey()
            .flatMap(access -> config.secretKey().map(secret -> new Credentials(access, secret))),
        config.objectLock());
  }

  /** What every key has before its object's name. */
  String keyPrefix() {
    return prefix.isEmpty() ? "" : prefix + "/";
  }

  /** The server, for people. */
  String server() {
    return endpoint.map(URI::toString).orElse("AWS region " + region);
  }

  private static void requireServer(URI endpoint) {
    boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!http || endpoint.getHost() == null) {
      throw invalid(
          "store.endpoint is '" + withoutUser(endpoint) + "'",
          "Write it as http://host:port or https://host:port.");
    }
    if (endpoint.getUserInfo() != null) {
      throw invalid(
          "store.endpoint carries a user name or password",
          "Put the keys into accessKey and secretKey; the endpoint appears in logs.");
    }
  }

  private static String withoutUser(URI endpoint) {
    return endpoint.toString().replaceFirst("//[^/]*@", "//********@");
  }

  private static PermanentException invalid(String fact, String hint) {
    return new PermanentException(ErrorCode.CONFIG_INVALID, fact, hint);
  }
}
